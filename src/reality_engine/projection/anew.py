"""Makes the rows of some entities and events anew, for who rewrites what the log says of these; not the rewriting.

The history of the entities is played as it is to be told from now on, by what writes it when it happens. What that
makes is compared with what is there, so that only rows that differ are written.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import select

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Key, Row, Shape
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.event import Event
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection import event_views
from reality_engine.projection.projector import Projection, project
from reality_engine.projection.steps import Step
from reality_engine.projection.tables import PAST, PRESENT
from reality_engine.projection.texts import event_words
from reality_engine.projection.turning import turned
from reality_engine.state.entity import ATTRIBUTES
from reality_engine.state.held import Held
from reality_engine.visibility.keys import in_order
from reality_engine.visibility.models import MovedEventRow
from reality_engine.visibility.parts import facets_of

# What a table calls the entity that a row is of.
_WHOSE: Final = ("entity", "source", "id")


async def show_anew(unit: ReadUnit, batch: Batch, world: str, events: Sequence[Event]) -> None:
    """Have a batch show events as they are told now, to the same as before."""
    if not events:
        return
    row = MovedEventRow
    places = [event.position for event in events]
    query = select(row.position, row.keys).where(row.world == world, row.position.in_(places))
    moved = {position: frozenset(keys) for position, keys in await unit.session.execute(query)}
    for event in events:
        for part in facets_of(event._replace(keys=moved.get(event.position, event.keys))):
            place = (world, event.position, part.facet)
            batch.put(event_views.FACETS, (*place, part.content, in_order(part.keys)))
            if words := event_words(part.content):
                batch.put(event_views.TEXTS, (*place, words))
            else:
                batch.drop(event_views.TEXTS, place)


async def make_anew(
    unit: ReadUnit, batch: Batch, world: str, history: Iterable[Event], entities: Collection[str],
    packs: Mapping[str, CompiledPack],
) -> Mapping[str, Held]:  # fmt: skip
    """Have a batch make all rows of these entities what their history makes of them, and return what they come to.

    The history holds each event that changes one of them, and each at which the pack became another, in order.
    Raises IntegrityError where the events do not follow.
    """
    scratch = Batch()
    held = _played(scratch, world, history, frozenset(entities), packs)
    made = {writes.shape: [*writes.new, *writes.kept.values()] for writes in scratch.tables}
    for shape in (*PRESENT, *PAST):
        await _mend(unit, batch, shape, world, entities, made.get(shape, ()))
    return held


def _played(
    batch: Batch, world: str, history: Iterable[Event], entities: frozenset[str], packs: Mapping[str, CompiledPack]
) -> dict[str, Held]:
    held: dict[str, Held] = {}
    before: CompiledPack | None = None
    for digest, group in groupby(history, attrgetter("pack")):
        pack, events = packs[digest], [_of_these(event, entities) for event in group]
        if before is not None and held:
            held.update(_turn(batch, world, held, (before, pack), events[0]))
        touched = {recorded.change.entity for event in events for recorded in event.changes}
        made = project(world, pack, [(event, []) for event in events], {key: held.get(key) for key in touched}, {})
        made.write(batch)
        held.update(made.after)
        before = pack
    return held


def _turn(
    batch: Batch, world: str, held: Mapping[str, Held], packs: tuple[CompiledPack, CompiledPack], event: Event
) -> Mapping[str, Held]:
    """Go on under another pack, from an event on."""
    old, new = (pack.kinds for pack in packs)
    after = {
        key: turned(new[one.entity.kind], one, event.position, event.recorded_at) for key, one in held.items()
    }  # fmt: skip
    steps = [
        Step(new[was.entity.kind], was, after[key], event.position, ATTRIBUTES, old[was.entity.kind])
        for key, was in held.items()
    ]
    Projection(world, packs[1], (), held, after, steps, {}).write(batch)
    return after


def _of_these(event: Event, entities: frozenset[str]) -> Event:
    changes = tuple(recorded for recorded in event.changes if recorded.change.entity in entities)
    return event._replace(changes=changes, moved=())


async def _mend(
    unit: ReadUnit, batch: Batch, shape: Shape, world: str, entities: Collection[str], made: Iterable[Row]
) -> None:
    """Have a batch bring the rows of entities in a table to those that were made."""
    whose = next(name for name in _WHOSE if name in shape.names)
    columns = {column.name: column for column in shape.columns}
    query = select(*shape.columns).where(columns["world"] == world, columns[whose].in_(list(entities)))
    there: dict[Key, Row] = {shape.key_of(row): row for row in map(_plain, await unit.session.execute(query))}
    for row in map(_plain, made):
        held = there.pop(shape.key_of(row), None)
        if held is None:
            batch.insert(shape, row)
        elif held != row:
            batch.put(shape, row)
    for key in there:
        batch.drop(shape, key)


def _plain(row: Any) -> Row:
    """Return a row with lists as they come from the database."""
    return tuple([*value] if isinstance(value, tuple) else value for value in row)
