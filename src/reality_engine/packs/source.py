"""A file's plain values, and where each key and value stands in it; not how YAML is read, nor what it means."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from reality_engine.packs.place import Place
from reality_engine.packs.scalars import index_of

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain

Step: TypeAlias = "str | int"
Steps: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a value stands, and its key if it has one, as indices into the text."""

    value: int
    end: int
    key: int | None = None


@dataclass
class Source:
    """A file's values (`data`) and their places.

    `doubtful` are the parts that do not fit their definition: told already, and so to be believed in what they lack.
    """

    file: str
    text: str
    data: "Plain" = None
    marks: dict[Steps, Mark] = field(default_factory=dict)
    doubtful: set[Steps] = field(default_factory=set)

    def place(self, index: int) -> Place:
        """Return the line and column of a character, from 1."""
        line_start = self.text.rfind("\n", 0, index) + 1
        return Place(self.file, self.text.count("\n", 0, line_start) + 1, index - line_start + 1)

    def at(self, steps: Steps) -> "Plain":
        """Return the value that the steps lead to, or None."""
        value = self.data
        for step in steps:
            value = _inside(value, step)
        return value


def _inside(value: "Plain", step: Step) -> "Plain":
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a source, so that whatever is wrong with it can be told with its place."""

    source: Source
    steps: Steps = ()

    def __truediv__(self, step: Step) -> "Spot":
        return Spot(self.source, (*self.steps, step))

    @property
    def data(self) -> "Plain":
        """Return the value that stands there."""
        return self.source.at(self.steps)

    @property
    def place(self) -> Place:
        """Return where the value stands, or its key where nothing is written, or what it would belong to."""
        mark = self._mark()
        nothing = mark.value == mark.end and mark.key is not None
        return self.key if nothing else self.source.place(mark.value)

    @property
    def key(self) -> Place:
        """Return where the value's key stands; where it has none, the value."""
        mark = self._mark()
        return self.source.place(mark.value if mark.key is None else mark.key)

    @property
    def doubtful(self) -> bool:
        """Whether the value was put in place of one that does not fit."""
        return self.steps in self.source.doubtful

    def within(self, offset: int) -> Place:
        """Return where a character of a text value stands."""
        mark, value = self._mark(), self.data
        if not isinstance(value, str):
            return self.place
        return self.source.place(mark.value + index_of(offset, value, self.source.text[mark.value : mark.end]))

    def within_key(self, offset: int) -> Place:
        """Return where a character of the value's key stands."""
        place = self.key
        return Place(place.file, place.line, place.column + offset)

    def _mark(self) -> Mark:
        steps = self.steps
        while steps not in self.source.marks and steps:
            steps = steps[:-1]
        return self.source.marks.get(steps, Mark(0, 0))
