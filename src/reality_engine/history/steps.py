"""Reads off what was seen of an entity from when to when what changed at each step; pure, and knows no events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reality_engine.kernel.json import Plain, same
from reality_engine.visibility.timeline import Stretch, Stretches

# A field that changed: what it was and what it is, as far as each was seen.
Sides = dict[str, Plain]


@dataclass
class Step:
    """What changed in what was seen, at one position: fields by name, and whether all of it came or went."""

    position: int
    fields: dict[str, Sides] = field(default_factory=dict)
    appeared: bool = False
    vanished: bool = False

    @property
    def told(self) -> bool:
        """Whether anything of it was to be seen."""
        return bool(self.fields) or self.appeared or self.vanished


def steps(found: Stretches, before: int) -> Iterator[Step]:
    """Yield the steps below a position, the latest first, as far down as is known."""
    places = {at for one in found.seen for at in (one.since, one.until) if found.from_ <= at < before}
    for position in sorted(places, reverse=True):
        yield _step(found.seen, position)


def _step(seen: Sequence[Stretch], position: int) -> Step:
    begun = {one.facet: one.fields for one in seen if one.since == position}
    ended = {one.facet: one.fields for one in seen if one.until == position}
    there = [one for one in seen if one.since < position <= one.until]
    stays = [one for one in seen if one.since <= position < one.until]
    step = Step(position, appeared=bool(stays) and not there, vanished=bool(there) and not stays)
    for facet in sorted(begun.keys() | ended.keys()):
        step.fields |= _fields(ended.get(facet), begun.get(facet))
    return step


def _fields(before: Mapping[str, Plain] | None, after: Mapping[str, Plain] | None) -> dict[str, Sides]:
    """Return the fields that differ; of a facet that came into sight or went out of it, the side that is known."""
    if before is None or after is None:
        side, fields = ("after", after) if before is None else ("before", before)
        return {name: {side: value} for name, value in sorted((fields or {}).items())}
    names = sorted(before.keys() | after.keys())
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in names
        if not same(before.get(name), after.get(name))
    }
