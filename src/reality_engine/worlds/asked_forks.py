"""Forks as they are asked for over HTTP: the moment that is meant, and the fork of an action; not how one is made."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from reality_engine.directory import repository as directory
from reality_engine.eventlog import repository as eventlog
from reality_engine.reads.as_of import Moment, Past
from reality_engine.reads.dependencies import Looking, opened
from reality_engine.visibility.viewer import viewer_of
from reality_engine.worlds import service
from reality_engine.worlds.forking import NewFork, fork, refuse_tightened

if TYPE_CHECKING:
    from reality_engine.worlds.schemas import ForkRequest
    from reality_engine.worlds.service import WorldView


async def moment_of(look: Looking, as_of: str | None, now: datetime) -> int | None:
    """Return the position that is meant, None for now; raises BadAsOfError where it cannot be forked.

    Who may not fork is told nothing here: the action refuses them.
    """
    async with look.open() as (unit, viewer):
        if as_of is None or not (viewer.scope.everything and viewer.scope.admin):
            return None
        past = Past(Moment(as_of), partial(opened, look), now, look.reading.packs)
        position = await past.position(unit, viewer)
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
