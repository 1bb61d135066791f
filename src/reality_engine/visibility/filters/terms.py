"""A filter as a typed tree, in which every name is resolved; not its text, its SQL or its answer.

Values may be none, and conditions undecided (None): a condition over no value is undecided, `!` of it too; `&&` with a
false part is false and `||` with a true part is true, whatever the others are. What is undecided does not match.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from reality_engine.expressions.types import INTEGER, Base, Type
from reality_engine.packs.compiled import FieldType

ID: Final = "id"
OWNER: Final = "owner"

# Types whose values compare with each other: a ref reads as an id, and all numbers are numbers.
_FAMILIES: Final = {Base.REF: Base.TEXT, Base.INTEGER: Base.NUMBER}


@dataclass(frozen=True, slots=True)
class Through:
    """The ref field by which a read leads to another entity, with the kind and the facet that it stands in."""

    kind: str
    field: str
    facet: int


@dataclass(frozen=True, slots=True)
class Read:
    """A field (or `id`, or `owner`) of the entity, or of the one that a ref of it leads to; `inner` is within a record.

    It has no value where the viewer does not see the facet that holds it, or what leads there.
    """

    name: str
    kind: str
    facet: int
    type: Type
    field: FieldType
    inner: tuple[str, ...] = ()
    through: Through | None = None
    indexed: bool = False

    @property
    def shown(self) -> str:
        """The path as it is written in a filter."""
        start = (self.through.field,) if self.through else ()
        return ".".join((*start, self.name, *self.inner))


@dataclass(frozen=True, slots=True)
class Const:
    """A known value: text, number or boolean, a timestamp in its stored form, or the seconds of a duration."""

    value: str | float | bool | None
    type: Type


@dataclass(frozen=True, slots=True)
class Size:
    """How many characters a text has, items a list, or keys a mapping."""

    of: "Read | Const"

    @property
    def type(self) -> Type:
        """An integer."""
        return INTEGER


Scalar: TypeAlias = Read | Const | Size


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean standing alone."""

    of: Scalar


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`, the operator being one of == != < <= > >=."""

    operator: str
    left: Scalar
    right: Scalar


@dataclass(frozen=True, slots=True)
class OneOf:
    """`item in [options]`."""

    item: Scalar
    options: tuple[Const, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """`item in container`: a list has the item, or a mapping the key."""

    container: Read
    item: Scalar


@dataclass(frozen=True, slots=True)
class TextTest:
    """`text.contains(part)`, or startsWith, or endsWith."""

    test: str
    text: Scalar
    part: Scalar


@dataclass(frozen=True, slots=True)
class IsSet:
    """Whether there is a value, and the viewer sees it; never undecided."""

    of: Read


@dataclass(frozen=True, slots=True)
class Negation:
    """`!part`."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold: `&&`."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """One of the parts holds: `||`."""

    parts: "tuple[Condition, ...]"


Condition: TypeAlias = Truth | Compare | OneOf | Holds | TextTest | IsSet | Negation | Every | Some


def family(type_: Type) -> Base:
    """Return what a type compares as."""
    return _FAMILIES.get(type_.base, type_.base)


def conjuncts(condition: Condition | None) -> Iterator[Condition]:
    """Yield the conditions that all must hold."""
    if isinstance(condition, Every):
        for part in condition.parts:
            yield from conjuncts(part)
    elif condition is not None:
        yield condition
