"""How far a rule has come: what its effects may have changed so far, and what is true of paths; not who sees what."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from reality_engine.packs.flow.circles import Circle, Point, Step
from reality_engine.packs.flow.knowledge import Knowledge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OWNER: Final = "owner"
# A fresh entity (or none: any other), a kind and its field.
Written: TypeAlias = tuple[Point, str, str]


@dataclass
class Moment:
    """How far a rule has come: how often each field may have changed, and what is true of paths at some version.

    Shared by all names of a rule. `fresh` are entities that it has made and that nothing refers to yet:
    what is written to them changes no other entity, and what is written to others does not change them. `items` are
    the elements of loops, each another entity in each round.
    """

    versions: "dict[Written, int]" = field(default_factory=dict)
    owners_at_write: "dict[Written, int]" = field(default_factory=dict)
    fresh: set[Point] = field(default_factory=set)
    items: set[Point] = field(default_factory=set)
    told: "set[Written]" = field(default_factory=set)
    same: set[tuple[Point, Point]] = field(default_factory=set)
    inside: set[tuple[Circle, Circle]] = field(default_factory=set)
    counted: int = 0

    def version(self, point: Point, kind: str, name: str) -> int:
        """Return how often a field, or the owner, of an entity may have changed."""
        return self.versions.get((self._key(point), kind, name), 0)

    def change(self, point: Point, kind: str, name: str, *, apart: bool = False) -> None:
        """Note that a field, or the owner, of an entity may have changed; `apart`, not of the items of loops."""
        self._change((self._key(point), kind, name))
        if point in self.items:
            self._change(((), kind, name))
        elif point not in self.fresh and not apart:
            for item in sorted(self.items, key=str):
                self._change((item, kind, name))

    def _change(self, key: "Written") -> None:
        self.counted += 1
        self.versions[key] = self.counted
        self.owners_at_write[key] = self.versions.get((key[0], key[1], OWNER), 0)
        self.told.discard(key)

    @contextmanager
    def apart(self) -> "Iterator[Callable[[], None]]":
        """Begin what may happen or not, in branches: what is yielded goes back to the beginning, for the next one.

        After all of them, whatever any of them may have changed has changed once more.
        """
        before = dict(self.versions)
        touched: set[Written] = set()

        def again() -> None:
            touched.update(key for key in self.versions if self.versions[key] != before.get(key, 0))
            self.versions = dict(before)

        yield again
        again()
        for key in sorted(touched, key=str):
            self._change(key)

    def owner_at_write(self, point: Point, kind: str, name: str) -> int:
        """Return the version of the owner when a field was written last."""
        return self.owners_at_write.get((self._key(point), kind, name), 0)

    def settle(self, point: Point) -> None:
        """Take note that something refers to an entity that was fresh: from now on it may be any of its kind."""
        self.fresh.discard(point)
        for _, kind, name in [key for key in self.versions if key[0] == point]:
            self._change(((), kind, name))

    def begin(self, name: str) -> Point:
        """Return the path that a name is from here on, told from others of the same name."""
        self.counted += 1
        return (Step(name, version=self.counted),)

    def tell(self, point: Point, kind: str, name: str) -> None:
        """Note that who acts knows what a field of a fresh entity holds."""
        if point in self.fresh:
            self.told.add((point, kind, name))

    def knows(self, point: Point, kind: str, name: str) -> bool:
        """Say whether who acts knows what a field holds, whoever sees it."""
        return (self._key(point), kind, name) in self.told

    @property
    def knowledge(self) -> Knowledge:
        """Return what is true of paths."""
        return Knowledge(same=frozenset(self.same), inside=frozenset(self.inside))

    def _key(self, point: Point) -> Point:
        return point if point in self.fresh or point in self.items else ()
