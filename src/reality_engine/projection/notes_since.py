"""What was taken from whom since a position: fields by notes of entities, heads of events by moves; writes nothing."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event, Moved
from reality_engine.eventlog.reading import BEGINNING, Place, checked
from reality_engine.kernel.json import Plain
from reality_engine.projection.closing import both
from reality_engine.projection.copying import Cut, column, entity_of
from reality_engine.projection.projector import ENTITIES, PAST_ENTITIES
from reality_engine.state.audience_notes import own_notes, taken, with_concealed
from reality_engine.visibility.models import MovedEventRow

_MOVES: Final = b'"moved":'


class Notes(NamedTuple):
    """Entities with notes of what was shown to or taken from whom, and what was taken since, for those there were."""

    noted: set[str]
    concealed: dict[str, dict[str, Plain]]


async def notes_since(unit: ReadUnit, cut: Cut, entities: Collection[str]) -> Notes:
    """Look through the notes of entities; returns those of then with all that was taken since, where that is much."""
    noted: set[str] = set()
    rows: dict[str, dict[int, Mapping[str, Any]]] = defaultdict(dict)
    for shape in (PAST_ENTITIES, ENTITIES):
        notes = column(shape, "audience")
        query = select(entity_of(shape), notes).where(column(shape, "world") == cut.origin, notes.is_not(None))
        noted |= {key for key, held in await unit.session.execute(query) if key in entities and own_notes(held)}
    for shape in (PAST_ENTITIES, ENTITIES) if noted else ():
        query = select(entity_of(shape), column(shape, "since"), column(shape, "audience"))
        mine = unit.dialect.among(entity_of(shape), sorted(noted))
        for key, since, held in await unit.session.execute(query.where(column(shape, "world") == cut.origin, mine)):
            rows[key][since] = held or {}
    then = {key: _then(notes, cut.position) for key, notes in rows.items()}
    later = {key: _concealed(notes, then[key], cut.position) for key, notes in rows.items()}
    return Notes(set(rows), {key: notes for key, notes in later.items() if notes != then[key]})


def _then(rows: Mapping[int, Mapping[str, Any]], position: int) -> dict[str, Plain]:
    since = max((at for at in rows if at <= position), default=None)
    return {} if since is None else dict(rows[since])


def _concealed(rows: Mapping[int, Mapping[str, Any]], then: Mapping[str, Plain], position: int) -> dict[str, Plain]:
    """Return the notes with all that was taken since, also what was shown again after that."""
    notes, before = dict(then), then
    for since in sorted(at for at in rows if at > position):
        for field, keys in taken(before, rows[since]).items():
            notes = with_concealed(notes, field, keys)
        before = rows[since]
    return notes


class Moves(NamedTuple):
    """Events up to a position whose heads were moved: by events up to there as well, and from there on."""

    events: dict[str, Event]
    then: dict[str, frozenset[str]]
    now: dict[str, frozenset[str]]


async def moves_since(unit: ReadUnit, cut: Cut) -> Moves:
    """Return which heads were moved, for whom they were at the position, and for whom they are now."""
    row, found = MovedEventRow, Moves({}, {}, {})
    query = select(row.position).where(row.world == cut.origin, row.position <= cut.position)
    positions = list(await unit.session.scalars(query))
    if not positions:
        return found
    wanted = {event.id: event for event in await eventlog.events_at(unit, cut.origin, positions)}
    found.events.update(wanted)
    async for event in events_with(unit, cut.origin, _MOVES):
        for one in event.moved:
            if one.event in wanted:
                found.now[one.event] = one.after
                if event.position <= cut.position:
                    found.then[one.event] = one.after
    return found


def taken_back(moves: Moves) -> list[Moved]:
    """Return what has to be taken of heads, so that nobody sees one that is not seen now, nor was then."""
    found = []
    for key, now in sorted(moves.now.items()):
        then = moves.then.get(key, moves.events[key].keys)
        left = both(then, now)
        if left != then:
            found.append(Moved(key, then, left))
    return found


async def events_with(unit: ReadUnit, world: str, *parts: bytes, until: int | None = None) -> AsyncIterator[Event]:
    """Yield the events whose content has one of these bytes in it, up to a position; of the others nothing is read."""
    after = BEGINNING
    while page := await eventlog.stored_page(unit, world, after.position, eventlog.PAGE):
        for row in page:
            if until is not None and row[0] > until:
                return
            if any(part in row[5] for part in parts):
                for logged in checked([row], Place(row[0] - 1, after.digest)):
                    yield logged.event()
            after = Place(row[0], row[4])
