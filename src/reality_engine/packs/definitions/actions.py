"""How actions are declared; not their effects, which stand in `effects`."""

from pydantic import Field

from reality_engine.packs.definitions.base import Audience, Condition, Definition, Roles, Text
from reality_engine.packs.definitions.effects import EffectSpec
from reality_engine.packs.definitions.kinds import RequirementDefinition
from reality_engine.packs.definitions.values import InputSpec


class ApprovalDefinition(Definition):
    """Whose yes an action waits for."""

    by: Roles
    """The roles one of whose members must say yes."""
    unless: Condition | None = None
    """When nobody needs to be asked."""


class ActionDefinition(Definition):
    """A named request to change the world."""

    title: str = Field("", max_length=200)
    """What people call it."""
    actor: str | None = None
    """The kind of entity that acts: one of the principal's own."""
    target: str | None = None
    """The kind of entity that is acted upon."""
    members_only: bool = True
    """Whether only members of the world may do it."""
    input: dict[str, InputSpec] = Field(default_factory=dict)
    """What the caller says."""
    allow: Condition
    """Who may do it, and when. "true" is: every member."""
    require: list[RequirementDefinition] = Field(default_factory=list)
    """What must hold, and what is said when it does not."""
    effects: list[EffectSpec] = Field(default_factory=list)
    """What it does, in order."""
    approval: ApprovalDefinition | None = None
    """Whose yes it waits for."""
    visible_to: Audience | None = None
    """Who sees its event; without it, who acted."""
    narrative: Text | None = None
    """How its event is told, after its effects."""
    undo: Condition | None = None
    """Who may undo what it did, and when: CEL over me, now and event (id, by, at). Without it, what the pack says, or
    else who sees everything."""
    occurred_at: bool = False
    """Whether the caller may say when it happened."""
    discloses: list[str] = Field(default_factory=list)
    """Paths to hidden fields of which its visible outcome may tell something."""
