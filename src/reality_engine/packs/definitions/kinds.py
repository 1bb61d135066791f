"""How kinds of entity are declared; not their fields, which stand in `values`."""

from pydantic import Field

from reality_engine.packs.definitions.base import Audience, Condition, Definition, Text
from reality_engine.packs.definitions.values import FieldSpec


class RequirementDefinition(Definition):
    """A condition that must hold, and what is said when it does not."""

    that: Condition
    """What must hold."""
    message: Text = Field(alias="else")
    """What is said when it does not."""


class GroupDefinition(Definition):
    """Who belongs to the group of an entity."""

    through: str
    """`kind.field`: a ref to this kind; the owners of the entities that hold it are the group."""


class KindDefinition(Definition):
    """A type of entity."""

    title: str = Field("", max_length=200)
    """What people call it."""
    owned: bool = False
    """Whether its entities belong to somebody."""
    visible_to: Audience = Field(default_factory=list)
    """Who sees its entities; without it, roles that see everything."""
    owner_visible_to: Audience | None = None
    """Who sees to whom they belong, where that is not who sees the kind."""
    discloses: list[str] = Field(default_factory=list)
    """Hidden fields, as self.<field>, of which it tells something who sees its entities."""
    group: GroupDefinition | None = None
    """Who belongs to the group of each entity."""
    fields: dict[str, FieldSpec] = Field(default_factory=dict)
    """What its entities hold."""
    invariants: list[RequirementDefinition] = Field(default_factory=list)
    """What is true of each of its entities at the end of every action, in terms of self."""
