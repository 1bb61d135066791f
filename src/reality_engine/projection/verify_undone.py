"""Holds what is kept of undone events to the log, which tells each undo; mends nothing."""

from dataclasses import dataclass, field

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.event import Event, Undone, mark_of
from reality_engine.kernel.errors import IntegrityError
from reality_engine.visibility.models import UndoneEventRow


@dataclass
class Undos:
    """By what events were undone last, as far as the log was read, by id."""

    last: dict[str, Undone] = field(default_factory=dict)

    def play(self, event: Event) -> None:
        """Take note of one more event."""
        mark = mark_of(event)
        if mark is not None:
            self.last[mark.event] = mark

    async def check(self, unit: ReadUnit, world: str) -> None:
        """Raise IntegrityError unless that is what is kept."""
        row = UndoneEventRow
        query = select(row.event, row.by, row.whole).where(row.world == world)
        kept = {event: Undone(event, by, whole) for event, by, whole in await unit.session.execute(query)}
        differing = sorted(key for key in kept.keys() | self.last.keys() if kept.get(key) != self.last.get(key))
        if differing:
            raise IntegrityError(f"event {differing[0]} is kept as undone otherwise than the log says")
