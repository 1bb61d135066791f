"""Which moment a read is of, and by whose keys of when: how that is asked for over HTTP; not what is seen of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Query

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.errors import DeniedError, InvalidError
from reality_engine.kernel.principal import Principal
from reality_engine.packs.cache import PackCache
from reality_engine.visibility.events import feed_page
from reality_engine.visibility.moments import FIELD, BadAsOfError, position_at, recorded_at, viewer_at
from reality_engine.visibility.recollection import scope_then
from reality_engine.visibility.viewer import Viewer
from reality_engine.web.seals import MAX_LENGTH

_HINT: Final = "send an RFC 3339 timestamp, such as 2026-05-01T18:00:00Z, or meta.cursor of what you have read"
_DATED: Final = re.compile(r"\d{1,5}-")
_WRITTEN: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

AsOfQuery = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=MAX_LENGTH,
        description="Read the world as it was: at an RFC 3339 timestamp with its zone, or at the cursor of an answer "
        "that you had (`meta.cursor`, or `meta.next` of the plain feed). You see of it what your keys of now open.",
        openapi_examples={"time": {"value": "2026-05-01T18:00:00Z"}},
    ),
]
KeysQuery = Annotated[
    Literal["now", "then"],
    Query(description="By which keys to read the past: yours of now, or of then, if your role sees everything"),
]


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as it was asked for, as text; `then` says that the keys are to be those of then too."""

    asked: str
    then: bool = False

    @property
    def time(self) -> datetime | None:
        """The time that it names, None where it is a cursor; raises BadAsOfError for what is meant as one and is none.

        In a query a plus that is not escaped means a space.
        """
        if not _DATED.match(self.asked):
            return None
        try:
            if _WRITTEN.fullmatch(self.asked):
                return from_text(self.asked.upper())
        except (ValueError, OverflowError):
            pass
        raise BadAsOfError("this is not a moment of time with a zone", FIELD, f"{_HINT}; write + as %2B")


def asked_moment(as_of: str | None, keys: str) -> Moment | None:
    """Return the moment that was asked for, None for now; raises InvalidError."""
    if as_of is not None:
        return Moment(as_of, keys == "then")
    if keys == "then":
        raise InvalidError("keys of then need a moment", field="keys", hint="give as_of too")
    return None


@dataclass(frozen=True, slots=True)
class Past:
    """What it takes to look at a moment: which one, how a cursor is opened, and what time it is."""

    moment: Moment
    opened: Callable[[str, Viewer], int]
    now: datetime
    packs: PackCache

    async def viewer(self, unit: ReadUnit, looker: Viewer, eyes: Viewer, principal: Principal) -> Viewer:
        """Return how the world was seen at the moment, with the eyes of a principal that `looker` looks with."""
        if self.moment.then and not looker.scope.everything:
            raise DeniedError("only roles that see everything may read by the keys of then", field="keys")
        viewer = await viewer_at(unit, eyes, await self.position(unit, looker), self.packs)
        return replace(viewer, scope=await scope_then(unit, viewer, principal)) if self.moment.then else viewer

    async def position(self, unit: ReadUnit, looker: Viewer) -> int:
        """Return the position that the moment is of; raises BadAsOfError."""
        head, time = await eventlog.get_head(unit, looker.world), self.moment.time
        if time is None:
            position = self.opened(self.moment.asked, looker)
        elif time > self.now:
            raise BadAsOfError("this moment is still to come", FIELD, "leave as_of out for what is now")
        else:
            position = await position_at(unit, looker.world, head.position, time)
        if position == 0:
            raise BadAsOfError("the world had not begun at this moment", FIELD, _HINT)
        if position > head.position:
            raise BadAsOfError("the log does not go so far", FIELD, _HINT)
        return position

    async def time(self, unit: ReadUnit, viewer: Viewer) -> datetime:
        """Return the time that it was: the one that was asked for, else that of the last event that the viewer sees.

        When an event was recorded that they do not see must not show in what a rule makes of the time.
        """
        asked = self.moment.time
        if asked is not None:
            return asked
        last = await feed_page(unit, viewer, 1)
        return from_text(last[0].at) if last else await recorded_at(unit, viewer.world, 1)


def bad_cursor() -> BadAsOfError:
    """Return the error that a text is no cursor which stands for a moment."""
    return BadAsOfError("this is no time, and no cursor of an answer that you had from this world", FIELD, _HINT)
