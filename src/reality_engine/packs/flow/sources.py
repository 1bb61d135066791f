"""What a value tells something of: fields, with who sees them, and where they are read; not who the value reaches."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from reality_engine.packs.flow.circles import Circles, Point

if TYPE_CHECKING:
    from collections.abc import Callable

    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.place import Place
    from reality_engine.packs.source import Spot


@dataclass(frozen=True, slots=True)
class Source:
    """Something that is read.

    `path` is how a rule would declare it, `text` how it is written where it is read, `field` the kind and field
    that it is (None for an event), `point` of which entity and `version` after how many changes.
    """

    path: "Path"
    text: str
    field: tuple[str, str] | None
    circles: Circles
    place: "Place"
    point: Point = ()
    version: int = 0

    @property
    def names(self) -> "tuple[Path, ...]":
        """The paths by which it can be declared: the one of the rule, and its kind and field."""
        return (self.path,) if self.field is None else (self.path, self.field)


# What a value tells something of, in the order in which it is read.
Label: TypeAlias = tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the pack's source: gives the place of a character in what stands `skip` characters into it."""

    within: "Callable[[int], Place]"
    skip: int = 0

    def place(self, offset: int = 0) -> "Place":
        """Return where a character stands."""
        return self.within(self.skip + offset)


def value_text(spot: "Spot") -> Text:
    """Return the text of a value that is CEL after `=`, or `=?`."""
    written = spot.data
    return Text(spot.within, skip=2 if isinstance(written, str) and written.startswith("=?") else 1)


def merged(*labels: Label) -> Label:
    """Put labels together, each source once."""
    return tuple(dict.fromkeys(source for label in labels for source in label))
