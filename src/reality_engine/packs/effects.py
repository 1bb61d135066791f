"""Effects as a compiled pack has them, each expression compiled; not what they do, see `rules`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.template import Template
from reality_engine.kernel.chance import Dice
from reality_engine.kernel.json import Plain
from reality_engine.packs.audience import Audience


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written down in the pack."""

    value: Plain


# A literal plain value, or an expression that yields one.
Operand: TypeAlias = Expression | Literal


@dataclass(frozen=True)
class Slot:
    """A field of an entity as an effect names it: `entity` is a path to an entity, such as ("actor", "faction")."""

    entity: Path
    kind: str
    field: str

    @cached_property
    def spelled(self) -> str:
        """The slot as its author wrote it."""
        return ".".join((*self.entity, self.field))


@dataclass(frozen=True, slots=True)
class Set:
    """Give a field a value; a null takes it away."""

    slot: Slot
    value: Operand


@dataclass(frozen=True, slots=True)
class Add:
    """Add to an integer, number or meter (which clamps), append to a list, put into a set, or merge into a map."""

    slot: Slot
    value: Operand


@dataclass(frozen=True, slots=True)
class Remove:
    """Take an element out of a list or set, or a key out of a map; nothing happens where it is not there."""

    slot: Slot
    value: Operand


@dataclass(frozen=True, slots=True)
class Create:
    """Make an entity and bind it to `name`. `owner` is None for nobody; its value is a user id."""

    kind: str
    name: str | None
    owner: Operand | None
    fields: Mapping[str, Operand]


@dataclass(frozen=True, slots=True)
class Ensure:
    """Find the live entity whose unique field `by` has the value that `fields` gives it, or create it."""

    create: Create
    by: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Mark an entity as deleted; it keeps its fields and may be restored."""

    entity: Path


@dataclass(frozen=True, slots=True)
class Restore:
    """Undo a deletion."""

    entity: Path


@dataclass(frozen=True, slots=True)
class Own:
    """Give an entity to another owner (a user id), or to nobody by an empty text."""

    entity: Path
    owner: Operand


@dataclass(frozen=True, slots=True)
class Reveal:
    """Show a field of an entity to an audience, resolved when that happens, besides those who see it already."""

    slot: Slot
    audience: Audience


@dataclass(frozen=True, slots=True)
class Conceal:
    """Take a field of an entity from an audience; None: from all but those who see everything."""

    slot: Slot
    audience: Audience | None


@dataclass(frozen=True, slots=True)
class RevealEvent:
    """Show the head of an event, whose id `event` holds, to an audience besides those who see it already."""

    event: Path
    audience: Audience


@dataclass(frozen=True, slots=True)
class ConcealEvent:
    """Take the head of an event from an audience; None: from all but those who see everything."""

    event: Path
    audience: Audience | None


@dataclass(frozen=True, slots=True)
class Emit:
    """Record a further event of its own type; `entity` is what it is about, and binds `entity` in reactions."""

    type: str
    audience: Audience
    narrative: Template | None
    data: Mapping[str, Operand]
    entity: Path | None = None


@dataclass(frozen=True, slots=True)
class Roll:
    """Roll dice; the total is bound to `rolls.<name>`."""

    name: str
    dice: Dice


@dataclass(frozen=True, slots=True)
class Draw:
    """Take a random element out of a list field and bind it to `name`; refused where the list is empty."""

    name: str
    slot: Slot


@dataclass(frozen=True, slots=True)
class Shuffle:
    """Put a list field into random order."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class If:
    """Do one thing or another."""

    condition: Expression
    then: "tuple[Effect, ...]"
    otherwise: "tuple[Effect, ...]"


@dataclass(frozen=True, slots=True)
class ForEach:
    """Do the same for every element of a list, bound to `item`; elements that are refs bind entities."""

    item: str
    source: Expression
    effects: "tuple[Effect, ...]"


Effect: TypeAlias = (
    Set
    | Add
    | Remove
    | Create
    | Ensure
    | Delete
    | Restore
    | Own
    | Reveal
    | Conceal
    | RevealEvent
    | ConcealEvent
    | Emit
    | Roll
    | Draw
    | Shuffle
    | If
    | ForEach
)
