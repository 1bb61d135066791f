"""What differs between two moments for a viewer: of one entity, or of all, page by page; not which moments are meant.

What may differ is found by the events in between that the viewer sees, and by what came into anybody's sight or went
out of it; each entity stands where what they saw of it changed last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from reality_engine.db.unit import ReadUnit
from reality_engine.history.snapshots import Snapshot, differing, snapshot, snapshot_of
from reality_engine.history.steps import Sides
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.visibility.events import EventView, feed_page
from reality_engine.visibility.timeline import moves, stretches
from reality_engine.visibility.viewer import Viewer

# So many visible events are looked at together, and so many for one page, however little they changed.
AT_ONCE: Final = 100
LOOKED_AT: Final = 500
# More than one event can move.
MOVED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Difference:
    """An entity that is not as it was, as far as it was seen at both moments."""

    entity: str
    kind: str
    fields: dict[str, Sides]
    appeared: bool
    vanished: bool


@dataclass(frozen=True, slots=True)
class Between:
    """Two positions: from what was after the event at one of them, to what was after that at the other.

    They may stand the other way round as well. To refuse that would tell whether anything had happened in between.
    """

    first: int
    last: int

    @property
    def low(self) -> int:
        """The earlier one."""
        return min(self.first, self.last)

    @property
    def high(self) -> int:
        """The later one."""
        return max(self.first, self.last)


@dataclass
class Page:
    """A page of differences, and the place after which the next one begins; None on the last page."""

    found: list[Difference] = field(default_factory=list)
    following: tuple[int, str] | None = None


async def entity_diff(unit: ReadUnit, viewer: Viewer, entity: str, between: Between) -> Difference:
    """Say what differs in an entity; raises NotFoundError where nothing of it is seen at either moment."""
    at = (between.first, between.last) if is_id(entity) else ()
    sides = [await snapshot(unit, viewer, entity, position) for position in at]
    if not any(sides):
        raise NotFoundError("there is no such entity in this world")
    before, after = sides
    return _difference(entity, before, after)


async def world_diff(
    unit: ReadUnit, viewer: Viewer, between: Between, kind: str | None, limit: int, place: tuple[int, str] | None = None
) -> Page:
    """Return a page of the entities that differ, what changed last first, from behind a place on."""
    page, seen = Page(), set[str]()
    # Without an entity, a place is one below which nothing was looked at.
    before = between.high + 1 if place is None else place[0] + bool(place[1])
    looked = 0
    while before > between.low + 1:
        chunk = await _chunk(unit, viewer, between.low, before)
        for position, entity in _behind(chunk.triggers, place):
            if entity in seen:
                continue
            seen.add(entity)
            found = await _differing(unit, viewer, between, position, entity)
            if found is not None and kind in (None, found.kind):
                if len(page.found) == limit:
                    return page
                page.found.append(found)
                page.following = (position, entity)
        looked, before = looked + chunk.events, chunk.low
        if looked >= LOOKED_AT and before > between.low + 1:
            page.following = (before, "")
            return page
    page.following = None
    return page


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Where entities may have changed for the viewer, from just below a position down to `low`."""

    triggers: Sequence[tuple[int, str]]
    events: int
    low: int


async def _chunk(unit: ReadUnit, viewer: Viewer, after: int, before: int) -> _Chunk:
    views = [view for view in await feed_page(unit, viewer, AT_ONCE, before) if view.position > after]
    low = views[-1].position if len(views) == AT_ONCE else after + 1
    moved = await moves(unit, viewer, low - 1, before, MOVED)
    if len(moved) == MOVED:
        low = moved[-1][0] + 1
    views = [view for view in views if view.position >= low]
    changed = {view.position: _entities(view) for view in views}
    for position, entity in sorted(moved):
        if position >= low:
            changed.setdefault(position, []).append(entity)
    triggers = [(at, key) for at in sorted(changed, reverse=True) for key in dict.fromkeys(changed[at])]
    return _Chunk(triggers, len(views), low)


def _entities(view: EventView) -> list[str]:
    return [str(change["entity"]) for change in view.changes]


def _behind(triggers: Sequence[tuple[int, str]], place: tuple[int, str] | None) -> Iterator[tuple[int, str]]:
    """Yield what stands behind a place: in the order of its event, which is not that of ids."""
    passed = place is None or place not in triggers
    for trigger in triggers:
        if passed:
            yield trigger
        passed = passed or trigger == place


async def _differing(unit: ReadUnit, viewer: Viewer, between: Between, position: int, entity: str) -> Difference | None:
    """Return what differs in an entity, if this is where what is seen of it changed last."""
    facets = range(max((len(kind.facets) for kind in viewer.pack.kinds.values()), default=1))
    found = await stretches(unit, viewer, entity, between.high + 1, 1, facets)
    edges = [at for one in found.seen for at in (one.since, one.until) if between.low < at <= between.high]
    if max(edges, default=0) != position:
        return None
    later = await snapshot_of(unit, viewer, entity, between.high, found.seen)
    earlier = await snapshot(unit, viewer, entity, between.low, facets)
    sides = (earlier, later) if between.first <= between.last else (later, earlier)
    difference = _difference(entity, *sides)
    return difference if difference.fields or difference.appeared or difference.vanished else None


def _difference(entity: str, before: Snapshot | None, after: Snapshot | None) -> Difference:
    kind = after.kind if after is not None else before.kind if before is not None else ""
    gone = before is not None and after is None
    return Difference(entity, kind, differing(before, after), before is None and after is not None, gone)
