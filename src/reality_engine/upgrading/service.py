"""Takes a world to another version of its pack, or says what that would come to; not how anybody asks for it."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from reality_engine.actions import appending
from reality_engine.actions.appending import HeldLog
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event, Recorded
from reality_engine.eventlog.ruling import UPGRADED
from reality_engine.kernel.errors import DeniedError, IntegrityError, NotFoundError
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal
from reality_engine.packs import repository as versions
from reality_engine.packs import service as packs
from reality_engine.packs.audience import MEMBERS
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.stored import PackVersion
from reality_engine.packs.upgrades import order_of
from reality_engine.projection.closing import CLOSES
from reality_engine.rules.decision import DraftEvent, Narrative
from reality_engine.state import repository as state
from reality_engine.upgrading.plan import Plan
from reality_engine.upgrading.planning import RENAMED, Working, closed, plan, renamed, told
from reality_engine.upgrading.problems import UpgradeRefusedError
from reality_engine.visibility.viewer import Viewer

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain

logger = logging.getLogger(__name__)

# What an event of an upgrade changes at most.
CHUNK: Final = 1_000
# Of so many versions of a pack, those stored last, the latest is sought.
MAX_VERSIONS: Final = 1_000
MIGRATED: Final = "world.migrated"
ACTION: Final = "world.upgrade"
_PATTERN: Final = "{0} takes the world from {1} {2} to {3}"


async def _nothing(_: HeldLog) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Upgrading:
    """What upgrading needs of the process; an event changes at most `chunk` fields, before each `between` is told."""

    units: Units
    cache: PackCache
    chunk: int = CHUNK
    between: Callable[[HeldLog], Awaitable[None]] = _nothing


def check_may_upgrade(viewer: Viewer) -> None:
    """Raise DeniedError for whoever does not both manage the world and see everything in it."""
    if not (viewer.scope.admin and viewer.scope.everything):
        raise DeniedError("only members who manage a world, and see everything in it, can upgrade it")


async def wanted(unit: ReadUnit, world: str, version: str | None, cache: PackCache) -> CompiledPack:
    """Return a stored version of the pack that a world runs, the newest where none is named; raises NotFoundError."""
    head = await eventlog.get_head(unit, world)
    name = (await versions.get_version(unit, head.pack)).name
    found = await newest(unit, name) if version is None else await versions.find_version(unit, name, version)
    if found is None:
        raise NotFoundError(f"there is no such version of {name}", "version", f"GET /api/v1/packs/{name} lists them")
    return await packs.load(unit, found.digest, cache)


async def newest(unit: ReadUnit, name: str) -> PackVersion | None:
    """Return the latest version of a pack by its number, whenever it was stored; None where there is none."""
    stored = await versions.list_versions(unit, MAX_VERSIONS, name=name)
    return max(stored, key=lambda one: order_of(one.version), default=None)


async def planned(unit: ReadUnit, world: str, pack: CompiledPack, cache: PackCache) -> Plan:
    """Say what it would come to; nothing is changed."""
    head = await eventlog.get_head(unit, world)
    return await plan(unit, world, await packs.load(unit, head.pack, cache), pack)


async def upgrade(upgrading: Upgrading, world: str, pack: CompiledPack, principal: Principal, now: datetime) -> Plan:
    """Take a world to another version of its pack, which is stored, and return what that came to.

    All of it happens in one transaction: nobody ever sees or acts in a world that is half under one version and half
    under another, and of an upgrade that is interrupted nothing is left. Raises UpgradeRefusedError with everything
    that stands in the way; then nothing changed. Where the world runs that version already, nothing happens.
    """
    # Looked at before anybody has to wait: what is refused is mostly refused here.
    async with upgrading.units.read() as unit:
        foreseen = await planned(unit, world, pack, upgrading.cache)
    if foreseen.needless:
        return foreseen
    _refuse(foreseen)
    async with upgrading.units.write() as writing:
        log = await appending.hold(writing, world, upgrading.cache)
        if log.pack.digest == pack.digest:
            return await planned(writing, world, pack, upgrading.cache)
        working = Working.of(log.pack, pack)
        working.refusals.refuse(_what(working))
        counted = await _done(upgrading, log, working, principal, now)
        await writing.commit()
    return told(working, counted)


async def _done(
    upgrading: Upgrading, log: HeldLog, working: Working, principal: Principal, now: datetime
) -> dict[str, int]:
    """Turn to the other version, and have the changes follow; returns how many entities of each kind there are."""
    opening = await _opening_event(log, working, principal, now)
    origin = await log.turn(opening, working.between.new, principal, now)
    try:
        async for changes in working.changed(log.unit, log.world):
            for chunk in [changes[at : at + upgrading.chunk] for at in range(0, len(changes), upgrading.chunk)]:
                # Once anything stands in the way, all of it is looked for, and nothing stays.
                if not working.refusals:
                    await upgrading.between(log)
                    await log.follow(origin, _chunk_event(origin, chunk), principal)
    except IntegrityError:
        if not working.refusals:
            raise
        logger.exception("an upgrade that is refused anyway could not be written")
    working.refusals.refuse(_what(working))
    return await state.counts(log.unit, log.world)


async def _opening_event(log: HeldLog, working: Working, principal: Principal, now: datetime) -> DraftEvent:
    """Return the event with which the upgrade begins. What it records of the past is not worked out again."""
    old, new = working.between.old, working.between.new
    told: dict[str, Plain] = {"pack": new.name, "from": old.version, "version": new.version}
    if closes := await closed(log.unit, log.world, working):
        told[CLOSES] = {kind: one.to_json() for kind, one in closes.items()}
    if names := renamed(working):
        told[RENAMED] = {kinds: {**one} for kinds, one in names.items()}
    who = principal.name if principal.known else "The server"
    arguments = {"0": who, "1": new.title, "2": old.version, "3": new.version}
    return DraftEvent(
        fresh_id(now), UPGRADED, 0, frozenset({MEMBERS}), action=ACTION, input=told,
        narrative=Narrative(_PATTERN, arguments),
    )  # fmt: skip


def _chunk_event(origin: Event, changes: Sequence[Recorded]) -> DraftEvent:
    """Return an event of changes, each for those who see the field; that it is there is for nobody else to know."""
    return DraftEvent(fresh_id(origin.recorded_at), MIGRATED, 1, frozenset(), changes=tuple(changes))


def _refuse(plan: Plan) -> None:
    if plan.problems:
        what = f"the upgrade from {plan.before.version} to {plan.after.version}"
        raise UpgradeRefusedError(f"{what} is refused: {plan.problems[0].message}", problems=plan.problems)


def _what(working: Working) -> str:
    return f"the upgrade from {working.between.old.version} to {working.between.new.version}"
