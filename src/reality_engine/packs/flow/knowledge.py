"""What is known of who acts and where paths lead, and who belongs to which circle then; not how one comes to know."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from reality_engine.packs.audience import Term
from reality_engine.packs.flow.circles import (
    ACTOR,
    EVERYONE,
    MEMBERS,
    Circle,
    Circles,
    Condition,
    Point,
    dotted,
    parts_of,
)

# Facts lead to facts; what would take more rounds than this is not known.
_ROUNDS: Final = 6
_MISSING: Final = re.compile(r"!\s*is_set\(self\.([a-z0-9_.]+)\)")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Facts that hold at one place of a rule.

    `same` are pairs of paths that lead to one entity, and those that `nowhere` leads nowhere; `equal` are pairs of
    circles with the same people in them, `inside` pairs of which the first is part of the second. `everything` says
    that nothing is hidden from who acts; `present` are paths that have a value, and `absent` such as have none. Of
    each of the `choices` at least one holds. `holding` are conditions of audiences that hold.
    """

    same: frozenset[tuple[Point, Point]] = frozenset()
    equal: frozenset[tuple[Circle, Circle]] = frozenset()
    inside: frozenset[tuple[Circle, Circle]] = frozenset()
    nowhere: frozenset[Point] = frozenset()
    everything: bool = False
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    holding: frozenset[Condition] = frozenset()
    choices: "tuple[tuple[Knowledge, ...], ...]" = ()

    def __and__(self, other: "Knowledge") -> "Knowledge":
        """Return what is known when both are."""
        return Knowledge(
            self.same | other.same,
            self.equal | other.equal,
            self.inside | other.inside,
            self.nowhere | other.nowhere,
            self.everything or other.everything,
            self.present | other.present,
            self.absent | other.absent,
            self.holding | other.holding,
            (*self.choices, *(each for each in other.choices if each not in self.choices)),
        )

    def forgetting(self, field: str) -> "Knowledge":
        """Return what is still known when a field of this name may have got a value, or lost it."""
        return replace(
            self,
            present=frozenset(path for path in self.present if f".{field}." not in f"{path}."),
            absent=frozenset(path for path in self.absent if f".{field}." not in f"{path}."),
            choices=tuple(tuple(each.forgetting(field) for each in choice) for choice in self.choices),
        )

    def sees(self, viewer: Circle, seers: Circles) -> bool:
        """Say whether everybody in a circle is certain to belong to one of the others."""
        if EVERYONE in seers or viewer.point in self.nowhere or self._certain(viewer, seers):
            return True
        return any(self._whichever(choice, viewer, seers) for choice in self.choices)

    def _whichever(self, choice: "tuple[Knowledge, ...]", viewer: Circle, seers: Circles) -> bool:
        without = replace(self, choices=())
        possible = [each for each in choice if self.present.isdisjoint(each.absent)]
        return bool(possible) and all((without & each).sees(viewer, seers) for each in possible)

    def _certain(self, viewer: Circle, seers: Circles) -> bool:
        held = _held(self, viewer)
        if self.everything and ACTOR in held:
            return True
        return not held.isdisjoint(seers) or not held.isdisjoint(map(self._settled, seers))

    def belonging(self, viewer: Circle) -> Circles:
        """Return every circle that everybody in this one is certain to belong to."""
        held = {self._settled(viewer)}
        for _ in range(_ROUNDS):
            more = {self._settled(circle) for each in held for circle in self._wider(each)} - held
            if not more:
                break
            held |= more
        return frozenset(held)

    def _wider(self, circle: Circle) -> Iterator[Circle]:
        """Yield circles to which everybody in this one belongs."""
        always = replace(circle, when=None)
        if circle.when is not None:
            yield always
            yield from (replace(MEMBERS, when=each) for each in parts_of(circle.when))
        for each in self._always_wider(always):
            yield each
            yield replace(each, when=circle.when)

    def _always_wider(self, circle: Circle) -> Iterator[Circle]:
        if circle.term is not Term.EVERYONE and circle != ACTOR:
            yield MEMBERS
        for part, whole in self.inside:
            if circle == self._settled(part):
                yield whole
        for pair in self.equal:
            settled = self._settled(pair[0]), self._settled(pair[1])
            if circle in settled:
                yield settled[settled[0] == circle]

    def _settled(self, circle: Circle) -> Circle:
        """Return the circle with its path in the one form that stands for all paths to the same entity."""
        if not circle.point and circle.when is None:
            return circle
        when = circle.when and self._condition(circle.when)
        if when in set(map(self._condition, self.holding)):
            when = None
        return replace(circle, point=self.point(circle.point), when=when)

    def _condition(self, condition: Condition) -> Condition:
        return condition[0], tuple(map(self.point, condition[1]))

    def point(self, point: Point) -> Point:
        """Return the one path that stands for all that are known to lead where this one does."""
        known = _representatives(self.same)
        for _ in range(_ROUNDS):
            length = next((each for each in range(len(point), 0, -1) if point[:each] in known), 0)
            if not length:
                break
            point = (*known[point[:length]], *point[length:])
        return point


@lru_cache(maxsize=1024)
def _held(known: Knowledge, viewer: Circle) -> Circles:
    """Return the circles of a viewer; the same is asked for each of the things that are told at once."""
    return known.belonging(viewer)


@lru_cache(maxsize=256)
def _representatives(same: frozenset[tuple[Point, Point]]) -> Mapping[Point, Point]:
    """Return, for each path that is known to lead where another does, the shortest of those."""
    classes: list[set[Point]] = []
    for pair in same:
        joined = {*pair}.union(*(each for each in classes if not each.isdisjoint(pair)))
        classes = [each for each in classes if each.isdisjoint(pair)] + [joined]
    found: dict[Point, Point] = {}
    for each in classes:
        shortest = min(each, key=lambda point: (len(point), str(point)))
        found |= {point: shortest for point in each if point != shortest}
    return found


NOTHING: Final = Knowledge()


def one_of(*choices: Knowledge) -> Knowledge:
    """Return that at least one of these is known."""
    if NOTHING in choices:
        return NOTHING
    return choices[0] if len(choices) == 1 else Knowledge(choices=(choices,))


def belongs(circle: Circle) -> Knowledge:
    """Return that who acts is in a circle; an owner is one user, so that the circle is who acts."""
    if circle == EVERYONE:
        return NOTHING
    if circle.when is not None:
        missing = _MISSING.fullmatch(circle.when[0])
        absent = frozenset(map(dotted, circle.when[1]) if missing else ())
        return Knowledge(inside=frozenset({(ACTOR, circle)}), absent=absent)
    if circle.term is Term.OWNER:
        return Knowledge(equal=frozenset({(ACTOR, circle)}))
    return Knowledge(inside=frozenset({(ACTOR, circle)}))
