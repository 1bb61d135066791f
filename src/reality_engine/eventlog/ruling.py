"""The pack of a position: under which rules an event was decided, and what the log made then; no other module decides.

An event says it itself. Whoever reads the world as it was at a position goes by the kinds, fields and facets of that
pack; whoever plays a log changes packs where the next event says another one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository
from reality_engine.eventlog.reading import Logged
from reality_engine.kernel.errors import IntegrityError, NotFoundError
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack

# The only event at which the rules of a world become others.
UPGRADED = "world.upgraded"


async def pack_at(unit: ReadUnit, world: str, position: int, cache: PackCache) -> CompiledPack:
    """Return the pack under which the event at a position happened; raises NotFoundError where there is none."""
    return await packs.load(unit, await repository.pack_of(unit, world, position), cache)


@dataclass
class Ruling:
    """What plays a log by its rules: each event under the pack that it happened under, `pack` being the last one."""

    unit: ReadUnit
    cache: PackCache
    play: Callable[[Logged, CompiledPack], None]
    pack: CompiledPack | None = None

    def holds(self, digest: str) -> bool:
        """Say whether this is the pack that was turned to last."""
        return self.pack is not None and self.pack.digest == digest

    async def turn(self, digest: str, event: str) -> None:
        """Go on with another pack, from an event of this type; raises IntegrityError where it is no upgrade."""
        if self.pack is not None and event != UPGRADED:
            raise IntegrityError("the rules became others at an event that is no upgrade of the world")
        try:
            self.pack = await packs.load(self.unit, digest, self.cache)
        except NotFoundError as error:
            raise IntegrityError("the pack version that an event happened under is not stored") from error
