"""Takes over a log that was recorded elsewhere, byte for byte; decides nothing, and not what is made of it."""

from collections.abc import Iterable

from reality_engine.db.batch import Batch
from reality_engine.eventlog import writer
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.reading import Logged


def receive(batch: Batch, world: str, events: Iterable[tuple[Logged, Event]]) -> None:
    """Have a batch write events at the places that they had, each found whole before."""
    writer.receive(batch, world, [(logged, event.id, event.type, event.recorded_at) for logged, event in events])


def close_log(batch: Batch, world: str, head: Head) -> None:
    """Have a batch write the head of a log that was taken over: from then on it is one like all others."""
    writer.close_log(batch, world, head)
