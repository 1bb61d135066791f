"""What an upgrade comes to, as it is told before and after: values only, not the working out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reality_engine.kernel.errors import Problem
from reality_engine.upgrading.audiences import Moved
from reality_engine.upgrading.comparing import Difference


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a pack."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Happening:
    """What becomes of a field (none: of the whole) of so many entities of a kind."""

    kind: str
    field: str
    what: str
    entities: int


@dataclass(frozen=True, slots=True)
class MovedAudience:
    """Something of which who sees it is otherwise; `said` is whether the pack says that it opens."""

    moved: Moved
    said: bool


@dataclass(frozen=True)
class Plan:
    """The way of a world from one version to another. It can be gone where nothing stands in the way.

    `entities` counts those that there are of each kind, by their earlier names.
    """

    before: Version
    after: Version
    differences: tuple[Difference, ...] = ()
    entities: Mapping[str, int] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()
    audiences: tuple[MovedAudience, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def needless(self) -> bool:
        """Whether the world runs that version already."""
        return self.before.digest == self.after.digest
