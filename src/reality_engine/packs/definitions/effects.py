"""How effects are declared: each is a mapping with the one key that names it; not what they do."""

from typing import Annotated, Any, Final, TypeAlias

from pydantic import Discriminator, Field, Tag

from reality_engine.packs.definitions.base import Audience, Condition, Definition, Text, Value


class SetDefinition(Definition):
    """Give fields their values; null takes a value away."""

    set: dict[str, Value] = Field(min_length=1)
    """`path.field: value`, for each field."""


class AddDefinition(Definition):
    """Add to a number or meter, append to a list, put into a set, merge into a map."""

    add: dict[str, Value] = Field(min_length=1)
    """`path.field: value`, for each field."""


class RemoveDefinition(Definition):
    """Take an element out of a list or set, or a key out of a map."""

    remove: dict[str, Value] = Field(min_length=1)
    """`path.field: value`, for each field."""


class NewEntity(Definition):
    """An entity to be made."""

    kind: str
    """Its kind."""
    name: str | None = None
    """The name by which the following effects call it."""
    owner: str | None = None
    """`me`, `nobody`, or CEL that gives a user's id after '='; owned kinds belong to me unless told."""
    fields: dict[str, Value] = Field(default_factory=dict)
    """Its values."""


class FoundEntity(NewEntity):
    """An entity to be found, or made where there is none."""

    by: str
    """The unique field by which it is found; its value stands in fields."""


class CreateDefinition(Definition):
    """Make an entity."""

    create: NewEntity


class EnsureDefinition(Definition):
    """Find an entity by a unique field, or make it."""

    ensure: FoundEntity


class DeleteDefinition(Definition):
    """Delete an entity; it may be restored."""

    delete: str
    """The path to the entity."""


class RestoreDefinition(Definition):
    """Undo a deletion."""

    restore: str
    """The path to the entity."""


class Ownership(Definition):
    """An entity and its new owner."""

    entity: str
    """The path to the entity."""
    owner: str
    """`me`, `nobody`, or CEL that gives a user's id after '='."""


class OwnDefinition(Definition):
    """Give an entity to another owner, or to nobody."""

    own: Ownership


class Revelation(Definition):
    """A field of an entity, or an event, and who is to see it."""

    field: str | None = None
    """`path.field` of an entity."""
    event: str | None = None
    """The path to an input of type event."""
    to: Audience = Field(min_length=1)
    """Who sees it from now on, besides those who did; terms as for events."""


class RevealDefinition(Definition):
    """Show a field of an entity, or an event, to more."""

    reveal: Revelation


class Concealment(Definition):
    """A field of an entity, or an event, and who is not to see it."""

    field: str | None = None
    """`path.field` of an entity."""
    event: str | None = None
    """The path to an input of type event."""
    source: Audience | None = Field(None, alias="from", min_length=1)
    """Who does not see it any more; terms as for events. Without it, all but roles that see everything."""


class ConcealDefinition(Definition):
    """Hide a field of an entity, or an event."""

    conceal: Concealment


class EmittedEvent(Definition):
    """An event of its own type."""

    type: str
    """Its type, such as plan.completed."""
    visible_to: Audience
    """Who sees it."""
    narrative: Text | None = None
    """How it is told."""
    data: dict[str, Value] = Field(default_factory=dict)
    """What it carries; reactions read it as event.data.<name>."""
    about: str | None = None
    """The path to the entity it is about; reactions know it as `entity`."""


class EmitDefinition(Definition):
    """Record a further event."""

    emit: EmittedEvent


class DiceRoll(Definition):
    """Dice and the name of their total."""

    name: str
    """The total is rolls.<name>."""
    dice: str
    """Such as 2d6+1."""


class RollDefinition(Definition):
    """Roll dice."""

    roll: DiceRoll


class ListDraw(Definition):
    """A list and the name of what is drawn from it."""

    name: str
    """What was drawn goes by this name."""
    source: str = Field(alias="from")
    """`path.field` of a list."""


class DrawDefinition(Definition):
    """Take a random element out of a list."""

    draw: ListDraw


class ShuffleDefinition(Definition):
    """Put a list into random order."""

    shuffle: str
    """`path.field` of a list."""


class IfDefinition(Definition):
    """Do one thing or another."""

    condition: Condition = Field(alias="if")
    """When."""
    then: "list[EffectSpec]" = Field(default_factory=list)
    """What happens when it holds."""
    otherwise: "list[EffectSpec]" = Field(default_factory=list, alias="else")
    """What happens when it does not."""


class Loop(Definition):
    """A list and what is done for each element."""

    item: str
    """The element goes by this name."""
    source: str = Field(alias="in")
    """CEL that gives a list, after '='."""
    do: "list[EffectSpec]" = Field(min_length=1)
    """What is done for each."""


class ForEachDefinition(Definition):
    """Do the same for every element of a list."""

    for_each: Loop


EFFECTS: Final = (
    "set", "add", "remove", "create", "ensure", "delete", "restore", "own",
    "reveal", "conceal", "emit", "roll", "draw", "shuffle", "if", "for_each",
)  # fmt: skip


def effect_of(value: Any) -> str | None:
    """Return "@" and the one key of an effect that names it, or None where there is none, or more than one.

    The "@" keeps Pydantic's name of the variant apart from the key itself in the locations of its errors.
    """
    named = [key for key in value if key in EFFECTS] if isinstance(value, dict) else []
    return f"@{named[0]}" if len(named) == 1 else None


EffectDefinition: TypeAlias = (
    SetDefinition | AddDefinition | RemoveDefinition | CreateDefinition | EnsureDefinition | DeleteDefinition
    | RestoreDefinition | OwnDefinition | RevealDefinition | ConcealDefinition | EmitDefinition | RollDefinition
    | DrawDefinition | ShuffleDefinition | IfDefinition | ForEachDefinition
)  # fmt: skip
EffectSpec: TypeAlias = Annotated[
    Annotated[SetDefinition, Tag("@set")]
    | Annotated[AddDefinition, Tag("@add")]
    | Annotated[RemoveDefinition, Tag("@remove")]
    | Annotated[CreateDefinition, Tag("@create")]
    | Annotated[EnsureDefinition, Tag("@ensure")]
    | Annotated[DeleteDefinition, Tag("@delete")]
    | Annotated[RestoreDefinition, Tag("@restore")]
    | Annotated[OwnDefinition, Tag("@own")]
    | Annotated[RevealDefinition, Tag("@reveal")]
    | Annotated[ConcealDefinition, Tag("@conceal")]
    | Annotated[EmitDefinition, Tag("@emit")]
    | Annotated[RollDefinition, Tag("@roll")]
    | Annotated[DrawDefinition, Tag("@draw")]
    | Annotated[ShuffleDefinition, Tag("@shuffle")]
    | Annotated[IfDefinition, Tag("@if")]
    | Annotated[ForEachDefinition, Tag("@for_each")],
    Discriminator(effect_of),
]

IfDefinition.model_rebuild()
Loop.model_rebuild()
ForEachDefinition.model_rebuild()
