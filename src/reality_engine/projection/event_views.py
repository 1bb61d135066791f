"""Says what viewers read of events, and what instead where the audience of a head was moved; pure, decides neither."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row, shape_of
from reality_engine.eventlog.event import Event, Moved, mark_of
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.texts import event_words
from reality_engine.visibility.keys import in_order, pack_key
from reality_engine.visibility.models import (
    EventAudienceRow,
    EventFacetRow,
    EventTextRow,
    MovedEventRow,
    UndoneEventRow,
)
from reality_engine.visibility.parts import Shown, facets_of, shown

FACETS: Final = shape_of(EventFacetRow)
AUDIENCES: Final = shape_of(EventAudienceRow)
TEXTS: Final = shape_of(EventTextRow)
MOVED: Final = shape_of(MovedEventRow)
UNDONE: Final = shape_of(UndoneEventRow)


def show(batch: Batch, world: str, events: Iterable[Shown]) -> None:
    """Write the parts of events, each for those who may see it, and the words by which these find it."""
    facets: list[Row] = []
    audiences: list[Row] = []
    texts: list[Row] = []
    for event, parts in events:
        position = event.position
        for number, audience, content in parts:
            keys = in_order(audience)
            facets.append((world, position, number, content, keys))
            audiences += [(world, pack_key(key), position, number) for key in keys]
            if words := event_words(content):
                texts.append((world, position, number, words))
    for shape, rows in ((FACETS, facets), (AUDIENCES, audiences), (TEXTS, texts)):
        batch.extend(shape, rows)


def mark_undone(batch: Batch, world: str, events: Iterable[Event]) -> None:
    """Note which events these undid."""
    for event in events:
        mark = mark_of(event)
        if mark is not None:
            batch.put(UNDONE, (world, mark.event, mark.by, mark.whole))


def move_heads(batch: Batch, world: str, moves: Sequence[Moved], events: Mapping[str, Event]) -> None:
    """Show the heads of events to others than before; raises IntegrityError where one is not among `events`.

    These are as they are in the log. Parts that shared the audience of the head keep it, so that an event may be split
    otherwise than it was.
    """
    after = {one.event: one.after for one in moves}
    before = {one.event: one.before for one in reversed(moves)}
    for key, keys in after.items():
        event = events.get(key)
        if event is None:
            raise IntegrityError("the audience of an event was moved that is not in the log")
        _hide(batch, world, event._replace(keys=before[key]))
        show(batch, world, [shown(event._replace(keys=keys))])
        batch.put(MOVED, (world, event.position, sorted(keys)))


def _hide(batch: Batch, world: str, event: Event) -> None:
    for part in facets_of(event):
        place = (world, event.position, part.facet)
        batch.drop(FACETS, place)
        batch.drop(TEXTS, place)
        for key in part.keys:
            batch.drop(AUDIENCES, (world, pack_key(key), event.position, part.facet))
