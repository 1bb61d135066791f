"""Worlds that are being brought in: where nobody finds them, how far they are, and how they are cleared away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from reality_engine.actions.receiving import receive
from reality_engine.archives import repository
from reality_engine.archives.errors import ArchiveError, OvertakenError, WorldTakenError
from reality_engine.archives.lines import Manifest
from reality_engine.archives.models import ImportRow
from reality_engine.db.batch import Batch
from reality_engine.db.errors import HeadMovedError
from reality_engine.db.shape import Row
from reality_engine.db.unit import Units, WriteUnit
from reality_engine.directory import repository as directory
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.reading import BEGINNING, Logged, Place
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.ids import fresh_id
from reality_engine.projection.chunks import empty
from reality_engine.projection.tables import LOG, PROJECTIONS

# Nobody who is at it pauses for so long.
LEFT: Final = timedelta(hours=1)
# So many rows are cleared away while others wait.
_AT_ONCE: Final = 5_000
_CLEARING: Final = Place(-1, bytes(32))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be brought in: which archive, the world that it is of, and whether as another world."""

    archive: bytes
    world: str
    copied: bool


@dataclass(slots=True)
class Aside:
    """A world that is being brought in, in our hands as long as nobody else takes it."""

    world: str
    taken: str
    row: Row
    place: Place

    def new(self, events: list[tuple[int, Logged, Event]]) -> list[tuple[int, Logged, Event]]:
        """Return those of the events that are not there yet; raises ArchiveError where others are there."""
        for number, logged, _ in events:
            if logged.position == self.place.position and logged.digest != self.place.digest:
                raise ArchiveError(f"line {number}: this is not the archive of which the import was begun")
        return [one for one in events if one[1].position > self.place.position]

    def head(self, manifest: Manifest) -> Head:
        """Return how far it is, as the head of a log that is to be the one of the manifest."""
        moment = from_text(manifest.head.recorded_at)
        return Head(self.place.position, self.place.digest, 0, manifest.head.pack, moment, self.place.position)

    async def write(
        self, units: Units, batch: Batch, events: Sequence[tuple[Logged, Event]], now: datetime
    ) -> None:  # fmt: skip
        """Write the next events with a batch of what is made of them; raises OvertakenError."""
        receive(batch, self.world, events)
        last, _ = events[-1]
        await self.move(units, batch, Place(last.position, last.digest), now)

    async def move(self, units: Units, batch: Batch, place: Place, now: datetime) -> None:
        """Write a batch, after which the import is at a place; raises OvertakenError."""
        after = (*self.row[:3], self.taken, place.position, place.digest, now)
        repository.move(batch, self.row, after)
        try:
            await units.write_batch(batch)
        except HeadMovedError as error:
            raise OvertakenError("another import of this archive has taken over", hint="let that one go on") from error
        self.row, self.place = after, place


async def begin(units: Units, wanted: Wanted, now: datetime) -> Aside:
    """Begin to bring in a world, or go on with it where that was interrupted; raises WorldTakenError.

    Clears away what others have left behind, and what another archive of the same world has.
    """
    async with units.read() as unit:
        if not wanted.copied and await directory.is_taken(unit, wanted.world):
            raise taken()
        left = await repository.list_left(unit, now - LEFT)
        begun = await repository.find(unit, wanted.archive, copied=wanted.copied)
        other = None if wanted.copied else await repository.get(unit, wanted.world)
    going_on = begun is not None and begun.position >= 0
    unwanted = {row.world: row for row in (*left, begun, other) if row is not None}
    if going_on and begun is not None:
        unwanted.pop(begun.world)
    for row in unwanted.values():
        await clear(units, await _take(units, row, now))
    if going_on and begun is not None:
        return await _take(units, begun, now)
    return await _open(units, wanted, now)


async def clear(units: Units, aside: Aside) -> None:
    """Leave nothing of a world that was not brought in; whoever is interrupted in it leaves it to the next."""
    now = aside.row[-1]
    await aside.move(units, Batch(), _CLEARING, now)
    # There is no head.
    for shape in (*PROJECTIONS, *(one for one in LOG if len(one.key) > 1)):
        done = False
        while not done:
            async with units.write() as unit:
                done = await empty(unit, shape, aside.world, _AT_ONCE)
                await unit.commit()
    async with units.write() as unit:
        await repository.forget(unit, aside.world)
        await unit.commit()


def taken() -> WorldTakenError:
    """Return the error that the world of an archive is here."""
    return WorldTakenError("the world of this archive is on this server already", hint="as a copy it gets another id")


async def _open(units: Units, wanted: Wanted, now: datetime) -> Aside:
    world = fresh_id(now) if wanted.copied else wanted.world
    row: Row = (world, wanted.archive, wanted.copied, fresh_id(now), BEGINNING.position, BEGINNING.digest, now)
    async with units.write() as unit:
        if not await repository.add(unit, row):
            raise OvertakenError("another import of this archive has just begun", hint="let that one go on")
        await unit.commit()
    return Aside(world, str(row[3]), row, BEGINNING)


async def _take(units: Units, found: ImportRow, now: datetime) -> Aside:
    """Take an import into our hands, whoever had it: they will notice, and stop."""
    async with units.write() as unit:
        held = await repository.take(unit, found.world, fresh_id(now), now)
        if held is None:
            raise OvertakenError("another import of this archive has just ended", hint="look whether it is there")
        await unit.commit()
    return Aside(found.world, held.taken, repository.row_of(held), Place(held.position, held.digest))


async def held_by(unit: WriteUnit, aside: Aside) -> None:
    """Hold an import until the transaction ends; raises OvertakenError where it is in other hands."""
    if not await repository.hold(unit, aside.world, aside.taken):
        raise OvertakenError("another import of this archive has taken over", hint="let that one go on")
