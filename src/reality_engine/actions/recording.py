"""Turns an accepted decision into events and into the rows that they make of everything; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reality_engine.actions.events import events_of, moves_scopes
from reality_engine.actions.known import Before
from reality_engine.db.batch import Batch
from reality_engine.directory import repository as directory
from reality_engine.eventlog import writer
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.writer import Appended
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import Principal
from reality_engine.outbox import repository as outbox
from reality_engine.projection.projector import Projection, project
from reality_engine.rules.decision import Accepted
from reality_engine.state.held import Held
from reality_engine.visibility.parts import Shown, shown


@dataclass(frozen=True, slots=True)
class Record:
    """What an action comes to: its events, where they lead the log, and what they touch.

    The rows of it are made once it is certain that they are to be written.
    """

    events: Sequence[Shown]
    appended: Appended
    projection: Projection

    @property
    def head(self) -> Head:
        """Where the log stands after it."""
        return self.appended.after

    @property
    def before(self) -> Mapping[str, Held | None]:
        """The entities that it touches as they were, None for new ones."""
        return self.projection.before

    @property
    def after(self) -> Mapping[str, Held]:
        """The entities that it touches as they are."""
        return self.projection.after

    def write(self, batch: Batch) -> None:
        """Have a batch write it, after what it writes already, on which this must go on."""
        writer.append(batch, self.appended)
        self.projection.write(batch)
        settings = self.after.get(WORLD_ENTITY)
        if settings is not None and not settings.entity.live:
            directory.mark_deleted(batch, self.projection.world, self.head.recorded_at)


def record(
    known: Before, accepted: Accepted, principal: Principal, now: datetime, origin: str | None = None
) -> Record:  # fmt: skip
    """Say what is to be written for an action, on top of what is known; raises LackError."""
    world, pack = known.world, known.pack
    events = events_of(accepted.events, known.head, pack.digest, principal, now, origin)
    before = {key: None if entity is None else known.held(key) for key, entity in accepted.before.items()}
    earlier = {key: event for key in _moved(events) if (event := known.past_event(key)) is not None}
    appended = writer.chained(world, known.head, events, moves_scopes=moves_scopes(pack, events))
    parts = [shown(event) for event in events]
    return Record(parts, appended, project(world, pack, parts, before, earlier, accepted.after))


def tell(batch: Batch, now: datetime) -> None:
    """Note in the outbox what a batch appends to logs, once for all of it."""
    for world, first, last in writer.appended(batch):
        outbox.add_events(batch, world, first, last, now)


def _moved(events: Sequence[Event]) -> set[str]:
    return {one.event for event in events for one in event.moved}
