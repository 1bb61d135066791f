"""What a planted leak is, and the list of all: what it tells by, and where a proof is to look; plants none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from reality_engine.app.proving import asking, pairs
from reality_engine.packs.loader import read_files
from reality_engine.visibility.audience import Scope
from tests.properties.proving import PACKS

Plant = Callable[[pytest.MonkeyPatch], None]
ALL: Final = Scope(frozenset(), everything=True)


def was(module: ModuleType | type, name: str) -> Any:
    """Return what a module has before it is patched, whether or not it is meant for others."""
    return getattr(module, name)


def seeing_all(viewer: Any) -> Any:
    """Return a viewer who sees everything."""
    return replace(viewer, scope=ALL)


@dataclass(frozen=True)
class Aim:
    """Where the requests of a proof go mostly, so that it need not be long until one comes by a leak.

    `path` is how the path of an endpoint ends, `lens` one of the ways to look through a list. Of a hundred requests,
    `reads` are to read, those from the `twice`-th on to ask the same twice, and those from the `conflicts`-th on to
    bring about a conflict. `acts` is how much happens before anybody asks.
    """

    path: str | None = None
    lens: str | None = None
    reads: int | None = None
    twice: int | None = None
    conflicts: int | None = None
    acts: tuple[int, int] | None = None

    def take(self, patch: pytest.MonkeyPatch) -> None:
        """Let a proof ask mostly this, and little of each pair: what is found in a short script is soon confirmed."""
        patch.setattr(pairs, "_TALKS", 3)
        if self.lens is not None:
            lenses = [(name, 100.0 if name == self.lens else 3.0) for name, _ in was(asking, "_LENSES")]
            patch.setattr(asking, "_LENSES", tuple(lenses))
        if self.path is not None:
            patch.setattr(asking, "_WEIGHTS", ((self.path, 60.0),))
        numbers = {"_READS": self.reads, "_TWICE": self.twice, "_CONFLICTS": self.conflicts, "_ACTS": self.acts}
        for name, value in numbers.items():
            if value is not None:
                patch.setattr(pairs, name, value)


@dataclass(frozen=True)
class Leak:
    """A leak by one of the ways in which systems have leaked (`sort`), and the pack in which it is to be found.

    `often`: it is planted at each run, and not by night alone.
    """

    sort: str
    plant: Plant
    aim: Aim = field(default_factory=Aim)
    pack: str = "ground"
    often: bool = False

    @property
    def files(self) -> Mapping[str, str]:
        """The files of its pack."""
        return read_files(PACKS.get(self.pack) or Path(__file__).parent / f"{self.pack}.yaml")

    def bury(self, patch: pytest.MonkeyPatch) -> None:
        """Plant it, and let the proof look where it is."""
        self.plant(patch)
        self.aim.take(patch)


LEAKS: Final[dict[str, Leak]] = {}


def leak(sort: str, aim: Aim | None = None, **options: Any) -> Callable[[Plant], Plant]:
    """Add a leak to the list."""

    def added(plant: Plant) -> Plant:
        LEAKS[plant.__name__] = Leak(sort, plant, aim or Aim(), **options)
        return plant

    return added
