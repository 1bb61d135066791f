"""Worlds as who runs the server sees them, from outside of any role; not for anybody over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from reality_engine.db.unit import ReadUnit
from reality_engine.directory import repository as directory
from reality_engine.directory.repository import World
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain
from reality_engine.packs import repository as packs
from reality_engine.packs import service as pack_service
from reality_engine.packs.cache import PackCache
from reality_engine.reads.entities import list_entities
from reality_engine.reads.viewer import Viewer
from reality_engine.state import repository as state
from reality_engine.visibility.audience import Scope

BATCH: Final = 100
_OPERATOR: Final = Scope(frozenset(), everything=True)


@dataclass(frozen=True, slots=True)
class Overview:
    """One world in a few words: its settings, its pack as name and version, and how long its log is."""

    id: str
    title: str
    pack: str
    events: int
    created_at: str
    settings: dict[str, Plain]


async def overview(unit: ReadUnit, world: World) -> Overview:
    """Return the overview of one world."""
    head = await eventlog.get_head(unit, world.id)
    pack = await packs.get_version(unit, head.pack)
    settings = dict((await state.entities_with_secrets(unit, world.id, [WORLD_ENTITY]))[WORLD_ENTITY].fields)
    title, version = str(settings.get("title", "")), f"{pack.name} {pack.version}"
    return Overview(world.id, title, version, head.position, to_text(world.created_at), settings)


async def every_world(unit: ReadUnit) -> AsyncIterator[World]:
    """Yield the worlds that are not deleted, the newest first."""
    before: str | None = None
    while found := await directory.list_all(unit, BATCH, before):
        for world in found:
            yield world
        before = found[-1].id


async def counts(unit: ReadUnit, world: World, cache: PackCache) -> dict[str, int]:
    """Return how many live entities of each kind a world has."""
    pack = await pack_service.load(unit, world.pack, cache)
    viewer = Viewer(world.id, pack, _OPERATOR)
    return {kind: await _count(unit, viewer, kind) for kind in pack.kinds if kind != "world"}


async def members(unit: ReadUnit, world: World, cache: PackCache) -> list[dict[str, Plain]]:
    """Return a world's newest members: name, roles and user."""
    viewer = Viewer(world.id, await pack_service.load(unit, world.pack, cache), _OPERATOR)
    found = await list_entities(unit, viewer, "member", BATCH)
    return [{name: view.fields.get(name) for name in ("name", "roles", "user")} for view in found]


async def _count(unit: ReadUnit, viewer: Viewer, kind: str) -> int:
    count, before = 0, None
    while found := await list_entities(unit, viewer, kind, BATCH, before):
        count, before = count + len(found), found[-1].id
    return count
