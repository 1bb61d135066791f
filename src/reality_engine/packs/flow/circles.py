"""Circles: sets of viewers named by what makes them belong, before anybody is known; not the sets themselves."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from reality_engine.packs.audience import Term


@dataclass(frozen=True, slots=True)
class Step:
    """One name of a path to an entity. `holder` is the kind whose ref field it is ("" for other names).

    `version` grows with each effect that may have changed where the field leads.
    """

    name: str
    holder: str = ""
    version: int = 0


# A path to an entity at a moment: the same point is the same entity.
Point: TypeAlias = tuple[Step, ...]


# The source of a condition over `self`, and the fields that it reads.
Condition: TypeAlias = tuple[str, tuple[Point, ...]]


@dataclass(frozen=True, slots=True)
class Circle:
    """Those whom one term of an audience means.

    `point` is the entity that an `owner` or a `group` is of, and `kind` its kind; `version` tells owners before a
    change of owner from those after it. `when` is a condition under which alone the circle is meant.
    With a `field`, they are those to whom this field of the entity was revealed, whoever that may be.
    """

    term: Term
    role: str | None = None
    point: Point = ()
    kind: str = ""
    version: int = 0
    when: Condition | None = None
    field: str = ""


Circles: TypeAlias = frozenset[Circle]

_OWN: Final = re.compile(r"(?<![\w.])self\.([a-z][a-z0-9_]*)")
EVERYONE: Final = Circle(Term.EVERYONE)
MEMBERS: Final = Circle(Term.MEMBERS)
ACTOR: Final = Circle(Term.ACTOR)
NOBODY: Final[Circles] = frozenset()
# In place of a field: those who see an event of the past, whoever that may be.
SHOWN_EVENT: Final = "event"


def parts_of(condition: Condition) -> list[Condition]:
    """Return conditions that hold where this one does: itself, and its parts where they are plainly joined by `&&`."""
    source, fields = condition
    plain = not any(mark in source for mark in ("||", "?", "'", '"'))
    parts = [part.strip() for part in source.split("&&")] if plain else []
    if len(parts) < 2 or any(part.count("(") != part.count(")") for part in parts):
        return [condition]
    return [condition, *((part, tuple(each for each in fields if each[-1].name in read_in(part))) for part in parts)]


def read_in(source: str) -> list[str]:
    """Return the fields of `self` that a condition reads, by name."""
    return sorted(set(_OWN.findall(source)))


def shown(circles: Iterable[Circle]) -> str:
    """Say for people who is meant."""
    named = set(circles)
    widest = next(({each} for each in (EVERYONE, MEMBERS) if each in named), named)
    words = sorted({_word(circle) for circle in widest})
    if not words:
        return "nobody but roles that see everything"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def dotted(point: Point) -> str:
    """Write a path to an entity as authors do."""
    return ".".join(step.name for step in point)


def _word(circle: Circle) -> str:
    if circle.field == SHOWN_EVENT:
        return f"those who see {dotted(circle.point)}"
    if circle.field:
        return f"those to whom {dotted(circle.point)}.{circle.field} was revealed"
    word = {
        Term.EVERYONE: "everyone",
        Term.MEMBERS: "all members",
        Term.ROLE: f"role {circle.role}",
        Term.ACTOR: "whoever acts",
    }.get(circle.term, f"the {circle.term.removesuffix(' of')} of {dotted(circle.point)}")
    return f"{word} under a condition" if circle.when else word
