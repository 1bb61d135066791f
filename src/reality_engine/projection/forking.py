"""Makes what a world was at a position the beginning of another one, with all that is kept beside its log.

What says of which position it is, is copied by the database. The rest is copied for entities that nothing has happened
to since, and made of the copied rows for the others. Where rules became others in between, the log is played instead.
"""

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Final

from sqlalchemy import select

from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.unit import WriteUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.chain import GENESIS
from reality_engine.eventlog.event import UNDONE, Event, Head, Moved
from reality_engine.eventlog.ruling import UPGRADED
from reality_engine.kernel.json import Plain
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection import copying, event_views, text_rows
from reality_engine.projection.copying import Cut, column, entity_of
from reality_engine.projection.indexes import INDEXES, PAST
from reality_engine.projection.notes_since import Moves, events_with, moves_since, notes_since, taken_back
from reality_engine.projection.projector import project
from reality_engine.projection.shadow import HEADS, Shadow
from reality_engine.projection.tables import PROJECTIONS
from reality_engine.projection.texts import entity_words
from reality_engine.projection.timelines import keep_lost
from reality_engine.state import repository as state
from reality_engine.state.held import Held

_AT_ONCE: Final = 200
# Which tables can be copied: one that is not among them is made by playing the log, until somebody says how.
KNOWN: Final = frozenset(
    {*copying.OF_EVENTS, *copying.OF_PAST, *copying.OF_ENTITIES, *copying.OF_THE_LOG}
    | {shape for pair in copying.OF_STATES for shape in pair}
)


async def bring_over(
    unit: WriteUnit, cut: Cut, head: Head, pack: CompiledPack, cache: PackCache
) -> tuple[list[Moved], dict[str, dict[str, Plain]]]:
    """Write the log, the head, and all that is kept beside them, of a fork; nobody may write to the origin meanwhile.

    `head` is that of the origin at the position. Returns what was taken since in the origin, and so has to be taken in
    the fork too: heads of events, and the notes that entities must have.
    """
    await copying.copy_log(unit, cut)
    end = (await eventlog.get_head(unit, cut.origin)).position
    moves = await moves_since(unit, cut)
    touched = await copying.touched_since(unit, cut)
    notes = await notes_since(unit, cut, touched)
    if end == cut.position:
        await _begin(unit, cut, head)
        await copying.copy_present(unit, cut)
    elif not KNOWN.issuperset(PROJECTIONS) or await eventlog.events_of_type(unit, cut.origin, UPGRADED):
        await _play(unit, cut, head, cache)
    else:
        await _begin(unit, cut, head)
        await copying.copy_by_position(unit, cut, notes.noted)
        await copying.copy_untouched(unit, cut, touched)
        await _show_as_then(unit, cut, moves)
        await _find_by(unit, cut, pack, touched - notes.noted)
        await _replay(unit, cut, pack, notes.noted)
    return taken_back(moves), notes.concealed


async def _begin(unit: WriteUnit, cut: Cut, head: Head) -> None:
    batch = Batch()
    batch.insert(HEADS, (cut.fork, head.position, head.digest, 0, head.pack, head.recorded_at, head.position))
    await apply(unit, batch)


async def _play(unit: WriteUnit, cut: Cut, head: Head, cache: PackCache) -> None:
    """Play the log that was copied."""
    shadow = Shadow(cut.fork, cut.fork, Head(0, GENESIS, 0, head.pack, head.recorded_at, cut.position), cache)
    await _begin(unit, cut, shadow.head)
    while page := await shadow.next_page(unit):
        await apply(unit, page[0])
        shadow.moved_to(page[1])


async def _show_as_then(unit: WriteUnit, cut: Cut, moves: Moves) -> None:
    """Show heads of events to whom they were shown then, and note by what events were undone then."""
    batch = Batch()
    for key, event in moves.events.items():
        logged, now = event.keys, moves.now[key]
        then = moves.then.get(key)
        event_views.move_heads(batch, cut.fork, [Moved(key, now, logged if then is None else then)], {key: event})
        if then is None:
            batch.drop(event_views.MOVED, (cut.fork, event.position))
    undos = await eventlog.events_of_type(unit, cut.fork, UNDONE)
    event_views.mark_undone(batch, cut.fork, sorted(undos, key=attrgetter("position")))
    await apply(unit, batch)


async def _find_by(unit: WriteUnit, cut: Cut, pack: CompiledPack, entities: Collection[str]) -> None:
    """Write by what entities are found as they were then, and by what they had been found before that."""
    lossy = await _with_losses(unit, cut, entities)
    keys = sorted(entities)
    for some in (keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE)):
        batch = Batch()
        held = await state.held_with_secrets(unit, cut.fork, some)
        _found_by(batch, cut.fork, pack, held.values())
        await keep_lost(unit, cut.fork, pack, lossy.intersection(held), batch)
        await apply(unit, batch)


def _found_by(batch: Batch, world: str, pack: CompiledPack, entities: Iterable[Held]) -> None:
    for held in entities:
        entity = held.entity
        kind = pack.kinds[entity.kind]
        for shape, rows_of in INDEXES.items():
            batch.extend(shape, rows_of(world, kind, held))
        for number, words in entity_words(kind, entity).items():
            batch.insert(text_rows.TEXTS, (world, entity.id, number, kind.name, words))


async def _with_losses(unit: WriteUnit, cut: Cut, entities: Collection[str]) -> set[str]:
    """Return those that have lost something by which they were found, until now."""
    found: set[str] = set()
    for shape in PAST.values():
        query = select(entity_of(shape)).distinct().where(column(shape, "world") == cut.origin)
        found.update(await unit.session.scalars(query))
    return found.intersection(entities)


async def _replay(unit: WriteUnit, cut: Cut, pack: CompiledPack, entities: Collection[str]) -> None:
    """Play what happened to some entities: what they were has been narrowed since, and only the log knows how far."""
    if not entities:
        return
    held: dict[str, Held] = {}
    ids = [key.encode() for key in sorted(entities)]
    batch = Batch()
    async for event in events_with(unit, cut.fork, *ids):
        mine = tuple(one for one in event.changes if one.change.entity in entities)
        if mine:
            part = event._replace(changes=mine, moved=())
            made = project(cut.fork, pack, [(part, [])], {key: held.get(key) for key in _of(part)}, {})
            made.write(batch)
            held.update(made.after)
    await apply(unit, batch)


def _of(event: Event) -> set[str]:
    return {recorded.change.entity for recorded in event.changes}
