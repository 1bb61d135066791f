"""Makes a world that was brought in one like all others, in one transaction; not the bringing in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from reality_engine.actions import appending
from reality_engine.actions.receiving import close_log
from reality_engine.archives import kept_aside, repository
from reality_engine.archives.events import telling
from reality_engine.archives.kept_aside import Aside
from reality_engine.archives.lines import Manifest, UserLine
from reality_engine.archives.people import Settled, settle
from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.unit import Units, WriteUnit
from reality_engine.directory import repository as directory
from reality_engine.directory.repository import Lineage, World
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.handing_over import handed_over, retitled
from reality_engine.rules.decision import DraftEvent, Narrative

if TYPE_CHECKING:
    from reality_engine.eventlog.event import Recorded

EVENT: Final = "world.imported"
_AUDIENCE: Final = frozenset({"members"})
MAX_TITLE: Final = 200
# Changes of one event.
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Options:
    """How a world is brought in: by whom, whether as another world beside the one of the archive, with what title."""

    principal: Principal
    copy: bool = False
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A world all of whose events are written: its manifest, its packs with their files, and its people."""

    aside: Aside
    manifest: Manifest
    packs: Mapping[str, tuple[CompiledPack, Mapping[str, str]]]
    users: Sequence[UserLine]


@dataclass(frozen=True, slots=True)
class Imported:
    """A world that was imported: its id here, how many events its archive had, what became of its people."""

    world: str
    events: int
    people: Settled


async def show(units: Units, cache: PackCache, arrived: Arrived, options: Options, now: datetime) -> Imported:
    """Have everybody find the world whom it lets; raises what `importing.bring_in` does."""
    world, manifest = arrived.aside.world, arrived.manifest
    async with units.write() as unit:
        await kept_aside.held_by(unit, arrived.aside)
        if await directory.is_taken(unit, world):
            raise kept_aside.taken()
        for pack, files in arrived.packs.values():
            await packs.store(unit, pack, files, now, options.principal.id or None)
        people = await settle(unit, arrived.users, now)
        await directory.add(unit, _placed(world, manifest))
        batch = Batch()
        # Nobody knows of any older scope, and this is the first epoch here.
        close_log(batch, world, arrived.aside.head(manifest))
        await apply(unit, batch)
        await _append(unit, arrived, people, options, cache, now)
        await repository.forget(unit, world)
        await unit.commit()
    return Imported(world, manifest.head.position, people)


def _placed(world: str, manifest: Manifest) -> World:
    told = manifest.world
    lineage = None if told.forked_from is None else Lineage(told.forked_from.world, told.forked_from.position)
    return World(world, manifest.head.pack, from_text(told.created_at), lineage)


async def _append(
    unit: WriteUnit, arrived: Arrived, people: Settled, options: Options, cache: PackCache, now: datetime
) -> None:
    """Record what is otherwise here than it was there; a world of which nothing is keeps its log as it is."""
    world = arrived.aside.world
    log = await appending.hold(unit, world, cache)
    changes: list[Recorded] = []
    if options.title is not None:
        with telling("the title"):
            changes.append(await retitled(unit, world, log.pack, options.title))
    if people.moved:
        changes += [one async for one in handed_over(unit, world, log.pack, people.moved)]
    if not changes:
        return
    drafts = [
        DraftEvent(
            fresh_id(now), EVENT, 0, _AUDIENCE, changes=tuple(changes[at : at + _AT_ONCE]),
            narrative=Narrative("The world is brought here from another server", {}),
            data={"position": arrived.manifest.head.position},
        )
        for at in range(0, len(changes), _AT_ONCE)
    ]  # fmt: skip
    with telling("giving the world over"):
        await log.append(drafts, options.principal, now)
