"""Forks as they are asked for over HTTP: the moment that is meant, and the fork of an action; not how one is made."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from reality_engine.directory import repository as directory
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.clock import from_text
from reality_engine.reads.dependencies import Looking
from reality_engine.reads.standing import stood_at
from reality_engine.visibility.viewer import viewer_of
from reality_engine.web.cursors import BadCursorError
from reality_engine.worlds import service
from reality_engine.worlds.forking import AS_OF, BadAsOfError, NewFork, fork, position_of, refuse_tightened

if TYPE_CHECKING:
    from reality_engine.worlds.schemas import ForkRequest
    from reality_engine.worlds.service import WorldView

_HINT: Final = "send a time with its zone, such as 2026-05-01T18:00:00Z, or meta.cursor of an answer from this world"


async def moment_of(look: Looking, as_of: str | None, now: datetime) -> int | None:
    """Return the position that is meant, None for now; raises BadAsOfError where it cannot be forked.

    Who may not fork is told nothing here: the action refuses them.
    """
    async with look.open() as (unit, viewer):
        if as_of is None or not (viewer.scope.everything and viewer.scope.admin):
            return None
        end = (await eventlog.get_head(unit, look.world)).position
        moment = _moment(as_of)
        if moment is None:
            position = _of_cursor(look, as_of)
            if not 0 < position <= end:
                raise BadAsOfError(
                    "this is neither a time nor a cursor of yours from this world", field=AS_OF, hint=_HINT
                )
        else:
            if moment > now:
                raise BadAsOfError("this moment is still to come", field=AS_OF, hint=_HINT)
            position = await position_of(unit, look.world, moment)
        await refuse_tightened(unit, look.world, position)
        return position


async def forked(look: Looking, body: "ForkRequest", key: str, position: int | None, now: datetime) -> "WorldView":
    """Return the fork that an action asked for, made unless it is there: its id is that of the action's event.

    Without a position it is of the moment just before that event.
    """
    viewers, principal = look.reading.viewers, look.principal
    async with look.units.write() as unit:
        if not await directory.is_taken(unit, key):
            (event,) = await eventlog.events_by_id(unit, look.world, [key])
            roles = frozenset((await viewer_of(unit, look.world, principal, viewers)).scope.roles)
            new = NewFork(key, body.title, look.world, position or event.position - 1, body.members, roles)
            await fork(unit, new, principal, viewers.packs, now)
        view = await service.look(unit, await viewer_of(unit, key, principal, viewers), viewers)
        await unit.commit()
    return view


def _of_cursor(look: Looking, cursor: str) -> int:
    try:
        return stood_at(look.cursors, look.world, look.viewer, cursor)
    except BadCursorError:
        return 0


def _moment(as_of: str) -> datetime | None:
    """Return the time that is named, None where it is none."""
    try:
        return from_text(as_of)
    except ValueError:
        return None
