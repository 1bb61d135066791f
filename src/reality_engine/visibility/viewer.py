"""Who is looking at what: one world through one scope. No read can be made without it."""

from dataclasses import dataclass

from reality_engine.db.unit import ReadUnit
from reality_engine.directory import repository as directory
from reality_engine.kernel.principal import ANONYMOUS, Principal
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.resolver import scope_of


@dataclass(frozen=True, slots=True)
class Viewer:
    """A world as one principal may see it now."""

    world: str
    pack: CompiledPack
    scope: Scope
    principal: Principal = ANONYMOUS


async def viewer_of(unit: ReadUnit, world: str, principal: Principal, cache: PackCache) -> Viewer:
    """Return how a principal sees a world; raises NotFoundError where they see nothing of it, or there is none."""
    pack = await packs.load(unit, (await directory.get(unit, world)).pack, cache)
    return Viewer(world, pack, await scope_of(unit, world, pack, principal), principal)
