"""How principals see worlds, worked out together for all who come at once; not what they see.

Whatever moves a scope has everybody in that world come at once, and each alone would take longer than a hundred pages.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from reality_engine.db.reading.together import Together
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.directory import repository as directory
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.errors import NotFoundError, RealityError
from reality_engine.kernel.principal import Principal
from reality_engine.packs import service as packs
from reality_engine.visibility.resolver import NO_WORLD, scopes_of
from reality_engine.visibility.viewer import Stamp, Viewer, Viewers, stamp_of


class Arrival(NamedTuple):
    """Who comes to look at which world."""

    world: str
    principal: Principal


class Arrivals:
    """Works scopes out by one transaction at a time, and keeps them."""

    def __init__(self, units: Units, viewers: Viewers) -> None:
        """Keep them among these."""
        self._units: Final = units
        self._viewers: Final = viewers
        self._together: Final = Together(self._read)

    async def viewer(self, world: str, principal: Principal) -> tuple[Stamp, Viewer]:
        """Return how a principal sees a world, and by which head; raises NotFoundError where they see nothing of it."""
        found = await self._together.of(Arrival(world, principal))
        if found is None:
            raise NotFoundError(NO_WORLD)
        if isinstance(found, RealityError):
            raise found
        return found

    async def _read(self, arrivals: Collection[Arrival]) -> dict[Arrival, tuple[Stamp, Viewer] | RealityError]:
        by_world: defaultdict[str, list[Arrival]] = defaultdict(list)
        for one in arrivals:
            by_world[one.world].append(one)
        found: dict[Arrival, tuple[Stamp, Viewer] | RealityError] = {}
        async with self._units.read() as unit:
            for world, group in by_world.items():
                try:
                    found |= await self._read_world(unit, world, group)
                except RealityError as error:  # of this world, and no matter of others
                    found |= dict.fromkeys(group, error)
        return found

    async def _read_world(
        self, unit: ReadUnit, world: str, arrivals: Iterable[Arrival]
    ) -> dict[Arrival, tuple[Stamp, Viewer]]:
        head = await eventlog.get_head(unit, world)
        pack = await packs.load(unit, (await directory.get(unit, world)).pack, self._viewers.packs)
        scopes = await scopes_of(unit, world, pack, [one.principal for one in arrivals])
        found = {}
        for one in arrivals:
            # Who comes with a credential for other worlds is told so alone: the others shall not suffer for it.
            if one.principal in scopes and one.principal.enters(world):
                viewer = Viewer(world, pack, scopes[one.principal], one.principal)
                self._viewers.keep(head, viewer)
                found[one] = stamp_of(head), viewer
        return found
