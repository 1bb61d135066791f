"""Which positions of a log are meant by two moments, each a time or the cursor of an answer; not what was there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Head
from reality_engine.history.diffing import Between
from reality_engine.kernel.clock import from_text
from reality_engine.reads.dependencies import Looking
from reality_engine.reads.standing import stood_at
from reality_engine.visibility.moments import BadAsOfError, position_at
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.seals import MAX_LENGTH

FromQuery = Annotated[
    str,
    Query(
        alias="from", min_length=1, max_length=MAX_LENGTH,
        description="The earlier moment: a time such as 2026-05-01T18:00:00Z, or `meta.cursor` of an answer",
    ),
]  # fmt: skip
ToQuery = Annotated[
    str | None,
    Query(min_length=1, max_length=MAX_LENGTH, description="The later moment, in the same form; without it, now"),
]
_HINT: Final = "send a time with its zone, such as 2026-05-01T18:00:00Z, or meta.cursor of an answer from this world"


async def between_of(unit: ReadUnit, look: Looking, now: datetime, written: tuple[str, str | None]) -> Between:
    """Return the positions of two moments, `from` and `to`; raises BadAsOfError."""
    head, (from_, to) = await eventlog.get_head(unit, look.world), written
    asked = Asked(unit, look, head, max(now, head.recorded_at))
    first = await asked.position(from_, "from")
    last = head.position if to is None else await asked.position(to, "to")
    return Between(first, last)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for moments of which log."""

    unit: ReadUnit
    look: Looking
    head: Head
    now: datetime

    async def position(self, written: str, name: str) -> int:
        """Return the position of a moment as it was written under a name; raises BadAsOfError."""
        try:
            moment = from_text(written)
        except (ValueError, OverflowError):
            return self._of_cursor(written, name)
        if moment > self.now:
            raise BadAsOfError("this moment has still to come", field=name, hint=_HINT)
        found = await position_at(self.unit, self.look.world, self.head.position, moment)
        if found == 0:
            raise BadAsOfError("the world had not begun by then", field=name, hint=_HINT)
        return found

    def _of_cursor(self, written: str, name: str) -> int:
        look = self.look
        try:
            position = stood_at(look.cursors, look.world, look.viewer, written)
        except BadCursorError:
            position = 0
        if not 0 < position <= self.head.position:
            raise BadAsOfError("this is neither a time nor a cursor of yours from this world", field=name, hint=_HINT)
        return position
