"""Makes a world at a past moment a new world with a lineage: the service behind the route and the command; not HTTP.

All of it is one transaction, which holds the head of the origin: whoever acts there waits for it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reality_engine.actions import appending
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.directory import repository as directory
from reality_engine.directory.repository import Lineage, World
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Head
from reality_engine.eventlog.ruling import UPGRADED, pack_at
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.closing import closings
from reality_engine.projection.copying import Cut
from reality_engine.projection.fork_changes import Forker, Parting, changes
from reality_engine.projection.forking import bring_over
from reality_engine.rules.decision import DraftEvent
from reality_engine.visibility.moments import FIELD, BadAsOfError, position_at

FORKED: Final = "world.forked"


@dataclass(frozen=True, slots=True)
class NewFork:
    """What a fork is to be: its id and title, of which world as of which position, and whether its members come along.

    Who forks has these roles there, or the first that manages where none of them does.
    """

    id: str
    title: str
    origin: str
    position: int
    members: bool
    roles: frozenset[str]


async def fork(unit: WriteUnit, new: NewFork, principal: Principal, cache: PackCache, now: datetime) -> World:
    """Make a fork; raises NotFoundError where there is no such world, InvalidError where it did not go so far."""
    await directory.get(unit, new.origin)
    await eventlog.lock_head(unit, new.origin)
    event = await eventlog.recorded_at(unit, new.origin, new.position)
    if event is None:
        raise BadAsOfError("the log does not go so far", field=FIELD)
    await refuse_tightened(unit, new.origin, new.position)
    pack = await pack_at(unit, new.origin, new.position, cache)
    world = World(new.id, pack.digest, now, Lineage(new.origin, new.position))
    await directory.add(unit, world)
    cut = Cut(new.origin, new.id, new.position)
    head = Head(new.position, event[0], 0, pack.digest, event[1], new.position)
    moved, concealed = await bring_over(unit, cut, head, pack, cache)
    log = await appending.hold(unit, new.id, cache)
    parting = Parting(new.origin, new.id, new.title, new.members, _forker(new, principal, pack, now), concealed)
    draft = DraftEvent(
        fresh_id(now), FORKED, 0, frozenset(), changes=tuple(await changes(unit, parting, pack)), moved=tuple(moved),
        data={"world": new.origin, "position": new.position, "digest": event[0].hex()},
    )  # fmt: skip
    await log.append([draft], principal, now)
    return world


async def refuse_tightened(unit: ReadUnit, world: str, position: int) -> None:
    """Raise BadAsOfError where an upgrade has closed something since, which the pack of then would open again."""
    for event in await eventlog.events_of_type(unit, world, UPGRADED):
        if event.position > position and closings(event):
            raise BadAsOfError(
                "an upgrade has since closed to some what they could see then, and the pack of then would open it",
                field=FIELD, hint="fork a moment after that upgrade",
            )  # fmt: skip


async def position_of(unit: ReadUnit, world: str, moment: datetime) -> int:
    """Return the position of the last event recorded by a moment; raises BadAsOfError where there was none yet."""
    found = await position_at(unit, world, (await eventlog.get_head(unit, world)).position, moment)
    if found == 0:
        raise BadAsOfError("the world had not begun then", field=FIELD, hint="name a later moment")
    return found


def _forker(new: NewFork, principal: Principal, pack: CompiledPack, now: datetime) -> Forker:
    roles = new.roles & pack.roles.keys()
    if roles.isdisjoint(pack.admin_roles):
        roles |= {next(role.name for role in pack.roles.values() if role.admin)}
    return Forker(principal.id, principal.name, roles, fresh_id(now))
