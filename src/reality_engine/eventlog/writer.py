"""The only place that says what is appended to the log; only the write path may import it. Pure: a batch is filled."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row, shape_of
from reality_engine.eventlog.chain import GENESIS, link, sealed_body
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.eventlog.reading import Logged
from reality_engine.kernel.errors import IntegrityError

EVENTS: Final = shape_of(EventRow)
# Whatever is written to a world supposes that its log ends where it did, and that its past was not rewritten.
HEADS: Final = shape_of(HeadRow, ("position", "epoch"))


def open_log(batch: Batch, world: str, pack: str, now: datetime) -> Head:
    """Begin the log of a new world, which is still empty, and return its head.

    The batch must be written before anything is appended, since that is guarded by this head.
    """
    head = Head(0, GENESIS, 0, pack, now)
    batch.insert(HEADS, _row(world, head))
    return head


def receive(batch: Batch, world: str, events: Iterable[tuple[Logged, str, str, datetime]]) -> None:
    """Have a batch write events of a log that has no head yet, as they were recorded, with id, type and moment."""
    rows = [
        (world, logged.position, key, kind, moment, logged.digest, logged.body, dict(logged.private))
        for logged, key, kind, moment in events
    ]
    batch.extend(EVENTS, rows)


def close_log(batch: Batch, world: str, head: Head) -> None:
    """Have a batch write the head of a log whose events are there already."""
    batch.insert(HEADS, _row(world, head))


class Appended(NamedTuple):
    """Events as rows, with the head of the log before and after them."""

    world: str
    before: Head
    after: Head
    rows: Sequence[Row]


def chained(world: str, head: Head, events: Sequence[Event], *, moves_scopes: bool = True) -> Appended:
    """Say what it is to append events at the next positions, which they must bear.

    `moves_scopes` says whether they may have changed who sees what. Raises IntegrityError where the events do not
    follow the head.
    """
    rows: list[Row] = []
    digest, position = head.digest, head.position
    for event in events:
        position += 1
        if event.position != position:
            raise IntegrityError("events must be appended at the next positions")
        body, private = sealed_body(event)
        digest = link(digest, body)
        rows.append((world, position, event.id, event.type, event.recorded_at, digest, body, private))
    scopes = position if moves_scopes else head.scopes
    after = Head(position, digest, head.epoch, head.pack, events[-1].recorded_at, scopes)
    return Appended(world, head, after, rows)


def append(batch: Batch, appended: Appended) -> None:
    """Have a batch append events. It can only be written while the head is still where it was before them."""
    world, before, after, rows = appended
    batch.extend(EVENTS, rows)
    batch.guard(HEADS, _row(world, before), _row(world, after))


def appended(batch: Batch) -> list[tuple[str, int, int]]:
    """Return the worlds to whose logs a batch appends, each with the first and the last position of that."""
    place = HEADS.places["position"]
    heads = [
        (key[0], before[place], after[place])
        for (shape, key), (before, after) in batch.guards.items()
        if shape is HEADS
    ]
    return [(world, before + 1, after) for world, before, after in heads if after > before]


def hold(batch: Batch, world: str, head: Head) -> None:
    """Have a batch written only while the log ends where it does: for what was found out by looking at the world."""
    batch.guard(HEADS, _row(world, head), _row(world, head))


def _row(world: str, head: Head) -> Row:
    return (world, head.position, head.digest, head.epoch, head.pack, head.recorded_at, head.scopes)
