"""What routes need to look into a world, as `Annotated` types for their parameters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.accounts.dependencies import OptionalPrincipal
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal
from reality_engine.packs.cache import PackCache
from reality_engine.reads.standing import stand_at
from reality_engine.visibility.viewer import Viewer, viewer_of
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import Cursors
from reality_engine.web.dependencies import CursorsDep, UnitsDep
from reality_engine.web.paging import Page


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs of the process: compiled packs, and the key of entity tags."""

    packs: PackCache
    etag_key: bytes


@dataclass(frozen=True, slots=True)
class Looking:
    """One principal looking into one world, for one request."""

    world: str
    principal: Principal
    units: Units
    cursors: Cursors
    reading: Reading

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[ReadUnit, Viewer]]:
        """Open a transaction to read by, and say how the world is seen; raises NotFoundError where it is not."""
        async with self.units.read() as unit:
            yield unit, await viewer_of(unit, self.world, self.principal, self.reading.packs)

    async def standing(self, unit: ReadUnit) -> str:
        """Seal the point of the log that this transaction sees."""
        head = await eventlog.get_head(unit, self.world)
        return stand_at(self.cursors, self.world, self.principal, head.position)

    def resume(self, page: Page, purpose: str) -> Any:
        """Return where a page goes on, None from the start; raises BadCursorError."""
        if page.cursor is None:
            return None
        return self.cursors.open(page.cursor, f"{purpose} {self.world}", self.principal.id)

    def cursor(self, place: Plain, purpose: str) -> str:
        """Seal the place after which the next page begins."""
        return self.cursors.seal(place, f"{purpose} {self.world}", self.principal.id)


async def reading_of(connection: HTTPConnection) -> Reading:
    """Return what the composition root stored."""
    reading: Reading = connection.app.state.reading
    return reading


ReadingDep = Annotated[Reading, Depends(reading_of)]


async def looking_at(
    world: PathId, principal: OptionalPrincipal, units: UnitsDep, cursors: CursorsDep, reading: ReadingDep
) -> Looking:
    """Put together who looks at what."""
    return Looking(world, principal, units, cursors, reading)


LookingDep = Annotated[Looking, Depends(looking_at)]
