"""How a whole pack is declared; not its parts, each of which has a module of its own."""

from typing import Literal

from pydantic import Field

from reality_engine.packs.definitions.actions import ActionDefinition
from reality_engine.packs.definitions.base import Condition, Definition
from reality_engine.packs.definitions.effects import EffectSpec
from reality_engine.packs.definitions.kinds import KindDefinition
from reality_engine.packs.definitions.reactions import ReactionDefinition, ScheduleDefinition
from reality_engine.packs.definitions.upgrades import UpgradeDefinition


class RoleDefinition(Definition):
    """What a member is in a world."""

    title: str = Field("", max_length=200)
    """What people call it."""
    sees: Literal["everything"] | None = None
    """`everything`: no audience hides anything from it."""
    default: bool = False
    """Whether new members get it; one role at most."""
    admin: bool | None = None
    """Whether it manages members and settings; unless told, if it sees everything."""


class PackDefinition(Definition):
    """What a world contains and how it behaves."""

    pack: str = Field(max_length=60)
    """The pack's name: small letters, digits and underscores."""
    version: str = Field(max_length=60)
    """Its version, such as 1.0.0; a stored version never changes."""
    title: str = Field("", max_length=200)
    """What people call it."""
    description: str = Field("", max_length=10_000)
    """What it is for."""
    roles: dict[str, RoleDefinition] = Field(default_factory=dict)
    """What members can be; at least one role is an admin's."""
    kinds: dict[str, KindDefinition] = Field(default_factory=dict)
    """What exists."""
    actions: dict[str, ActionDefinition] = Field(default_factory=dict)
    """Who may do what, and what happens then."""
    undo: Condition | None = None
    """Who may undo what actions did that do not say it themselves: CEL over me, now and event (id, by, at)."""
    reactions: dict[str, ReactionDefinition] = Field(default_factory=dict)
    """What happens in answer to events, in this order."""
    schedules: dict[str, ScheduleDefinition] = Field(default_factory=dict)
    """What happens at a time."""
    seeds: list[EffectSpec] = Field(default_factory=list)
    """What a new world begins with; `me` is its creator."""
    upgrades: list[UpgradeDefinition] = Field(default_factory=list)
    """What becomes of worlds that run an earlier version, the first that fits."""
