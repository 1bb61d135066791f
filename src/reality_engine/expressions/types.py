"""The static types of expressions and the shapes of what they may name; pure, and free of the CEL library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Base(StrEnum):
    """The kinds of type there are."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    LIST = "list"
    MAP = "map"
    RECORD = "record"
    REF = "ref"
    ENTITY = "entity"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Type:
    """A static type.

    `of` is the element of a list or the value of a map (whose keys are text). `kind` is the kind a ref leads to or an
    entity has. `fields` are the members of a record. A ref reads as the id it holds, and may be walked through; an
    entity is only a place to start a path from.
    """

    base: Base
    of: "Type | None" = None
    kind: str | None = None
    fields: "tuple[tuple[str, Type], ...]" = ()

    def __str__(self) -> str:
        """Say the type as authors know it."""
        if self.kind is not None:
            return f"{self.base} {self.kind}"
        return f"{self.base} of {self.of}" if self.of else str(self.base)


TEXT = Type(Base.TEXT)
INTEGER = Type(Base.INTEGER)
NUMBER = Type(Base.NUMBER)
BOOLEAN = Type(Base.BOOLEAN)
TIMESTAMP = Type(Base.TIMESTAMP)
DURATION = Type(Base.DURATION)
JSON = Type(Base.JSON)


def list_of(of: Type) -> Type:
    """Return the type of a list (or a set, which reads as a sorted list)."""
    return Type(Base.LIST, of=of)


def map_of(of: Type) -> Type:
    """Return the type of a map from text."""
    return Type(Base.MAP, of=of)


def ref_to(kind: str) -> Type:
    """Return the type of a ref to an entity of `kind`."""
    return Type(Base.REF, kind=kind)


def entity_of(kind: str) -> Type:
    """Return the type of a variable that stands for an entity of `kind`."""
    return Type(Base.ENTITY, kind=kind)


def record_of(**fields: Type) -> Type:
    """Return the type of a record with these members."""
    return Type(Base.RECORD, fields=tuple(fields.items()))


@dataclass(frozen=True, slots=True)
class Shapes:
    """What the expression checker needs to know of a pack: each kind's fields, and which of them are unique."""

    kinds: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    unique: frozenset[tuple[str, str]] = frozenset()
