"""Makes a world's projections anew from its log, while others act in it; not the log, which stays as it is.

The log is played into a shadow, without holding up anybody. Then each table is compared with it, chunk by chunk, and
where they differ, the rows are put right while nobody else writes to the world. Each such step is a transaction, after
which all is as whole as before or more so; who is interrupted goes on, or begins anew.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select, update

from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.errors import HeadMovedError
from reality_engine.db.shape import Key, Shape
from reality_engine.db.unit import ReadUnit, Units, WriteUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.chain import GENESIS
from reality_engine.eventlog.event import Head
from reality_engine.eventlog.models import HeadRow
from reality_engine.eventlog.reading import Place
from reality_engine.kernel.errors import ConflictError, UnavailableError
from reality_engine.kernel.ids import fresh_id
from reality_engine.packs.cache import PackCache
from reality_engine.projection.chunks import empty
from reality_engine.projection.differing import Chunk, difference, next_chunk
from reality_engine.projection.models import RebuildRow
from reality_engine.projection.shadow import HEADS, PAGE, Shadow, refuse_short
from reality_engine.projection.tables import PROJECTIONS

Progress = Callable[[str, int], None]
PLAYING: Final = "playing the log"
# So many rows are compared at once, and put right under one lock.
CHUNK: Final = 5_000
# Who is further behind than this does not hold up others to catch up.
NEAR: Final = 50
MAX_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done at once."""

    page: int = PAGE
    chunk: int = CHUNK


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """What rebuilding needs of the process, and whom it tells how it gets on."""

    units: Units
    cache: PackCache
    release: str
    progress: Progress = lambda *_: None
    sizes: Sizes = field(default_factory=Sizes)


class _RewrittenError(Exception):
    """The past of the world, or the pack that it runs, is not what it was when its log began to be played."""


async def rebuild(work: Rebuilding, world: str, now: datetime) -> Mapping[str, int]:
    """Put a world's projections right, and return how many rows of which table were not.

    Raises IntegrityError where the log itself is not whole: nothing can be made of it then, and nothing was changed.
    Raises ConflictError where another process is doing the same, NotFoundError where there is no such world.
    """
    for _ in range(MAX_ATTEMPTS):
        try:
            shadow = await _begin(work, world, now)
            await _play(work, shadow)
            wrong = await _compare_all(work, shadow)
            await _finish(work, shadow)
        except HeadMovedError as error:
            raise ConflictError("this world is being rebuilt by another process") from error
        except _RewrittenError:
            await _abandon(work, world)
        else:
            return wrong
    raise UnavailableError("the past of this world is rewritten all the time")


async def abandon(unit: WriteUnit, world: str) -> None:
    """Have nothing left of a rebuild that was interrupted: for who rewrites the past, so that none of it stays."""
    row = await unit.session.get(RebuildRow, world)
    if row is None:
        return
    for shape in PROJECTIONS:
        while not await empty(unit, shape, row.shadow, CHUNK):
            pass
    await unit.session.execute(delete(HeadRow).where(HeadRow.world == row.shadow))
    await unit.session.execute(delete(RebuildRow).where(RebuildRow.world == world))


async def _begin(work: Rebuilding, world: str, now: datetime) -> Shadow:
    """Return the shadow of a rebuild that was interrupted, as far as it is of use, or else a new one."""
    while True:
        async with work.units.write() as unit:
            head = await eventlog.lock_head(unit, world)
            row = await unit.session.get(RebuildRow, world)
            if row is None:
                shadow = Shadow(fresh_id(now), world, Head(0, GENESIS, head.epoch, head.pack, now), work.cache)
                unit.session.add(RebuildRow(world=world, shadow=shadow.id, release=work.release, done=False))
                await unit.session.execute(insert(HeadRow), [dict(zip(HEADS.names, shadow.row(), strict=True))])
                await unit.commit()
                return shadow
            found = await eventlog.find_head(unit, row.shadow)
            of_use = row.release == work.release and not row.done
            if found and of_use and found.epoch == head.epoch and await eventlog.is_in_log(unit, world, found):
                return Shadow(row.shadow, world, found, work.cache)
        await _abandon(work, world)


async def _play(work: Rebuilding, shadow: Shadow) -> None:
    """Play the log into the shadow until it is near the end; raises HeadMovedError where somebody else does."""
    units = work.units
    while True:
        async with units.read() as unit:
            head = await _unchanged(unit, shadow)
            page = await shadow.next_page(unit, work.sizes.page)
            if page is None:
                await refuse_short(unit, shadow.world, Place(shadow.head.position, shadow.head.digest))
                return
        batch, after = page
        await units.write_batch(batch)
        shadow.moved_to(after)
        work.progress(PLAYING, after.position)
        if head.position - after.position < NEAR:
            return


async def _compare_all(work: Rebuilding, shadow: Shadow) -> Mapping[str, int]:
    wrong: dict[str, int] = defaultdict(int)
    for shape in PROJECTIONS:
        after: Key | None = None
        while True:
            work.progress(shape.name, 0)
            chunk = await _look(work, shadow, shape, after)
            if chunk is None:
                chunk, many = await _mend(work, shadow, shape, after)
                wrong[shape.name] += many
            if chunk.until is None:
                break
            after = chunk.until
    return {name: many for name, many in wrong.items() if many}


async def _look(work: Rebuilding, shadow: Shadow, shape: Shape, after: Key | None) -> Chunk | None:
    """Compare a chunk without holding up anybody; returns it where it was found to be right at one moment."""
    await _play(work, shadow)
    async with work.units.read() as unit:
        head = await _unchanged(unit, shadow)
        chunk = await next_chunk(unit, shape, after, shadow.id, shadow.world, work.sizes.chunk)
        alike = head.position == shadow.head.position and not await difference(unit, chunk, shadow.world, shadow.id)
        return chunk if alike else None


async def _mend(work: Rebuilding, shadow: Shadow, shape: Shape, after: Key | None) -> tuple[Chunk, int]:
    """Put a chunk right while nobody else writes to the world; returns how many of its rows were not."""
    world = shadow.world
    async with work.units.write() as unit:
        head = await eventlog.lock_head(unit, world)
        await _unchanged(unit, shadow)
        while page := await shadow.next_page(unit, work.sizes.page):
            await apply(unit, page[0])
            shadow.moved_to(page[1])
        await refuse_short(unit, world, Place(shadow.head.position, shadow.head.digest))
        chunk = await next_chunk(unit, shape, after, shadow.id, world, work.sizes.chunk)
        differing = await difference(unit, chunk, world, shadow.id)
        if differing:
            batch = Batch()
            differing.mend(batch, shape, world)
            await apply(unit, batch)
            # Whoever remembers something of the world forgets it, and the shadow goes on from there.
            both = (world, shadow.id)
            moved = update(HeadRow).where(HeadRow.world.in_(both)).values(epoch=head.epoch + 1)
            await unit.session.execute(moved)
        await unit.commit()
    if differing:
        shadow.moved_to(replace(shadow.head, epoch=head.epoch + 1))
    return chunk, len(differing)


async def _finish(work: Rebuilding, shadow: Shadow) -> None:
    """Say that the shadow is of no use any more before a row of it is gone, and then take it away."""
    async with work.units.write() as unit:
        await eventlog.lock_head(unit, shadow.world)
        await _unchanged(unit, shadow)
        await unit.session.execute(update(RebuildRow).where(RebuildRow.world == shadow.world).values(done=True))
        await unit.session.execute(delete(HeadRow).where(HeadRow.world == shadow.id))
        await unit.commit()
    await _abandon(work, shadow.world)


async def _abandon(work: Rebuilding, world: str) -> None:
    """Take a shadow away, in steps that hold up nobody for long."""
    async with work.units.write() as unit:
        row = await unit.session.get(RebuildRow, world)
        if row is None:
            return
        row.done = True
        await unit.session.execute(delete(HeadRow).where(HeadRow.world == row.shadow))
        await unit.commit()
    for shape in PROJECTIONS:
        done = False
        while not done:
            async with work.units.write() as unit:
                done = await empty(unit, shape, row.shadow, work.sizes.chunk)
                await unit.commit()
    async with work.units.write() as unit:
        gone = delete(RebuildRow).where(RebuildRow.world == world, RebuildRow.shadow == row.shadow)
        await unit.session.execute(gone)
        await unit.commit()


async def _unchanged(unit: ReadUnit, shadow: Shadow) -> Head:
    """Return where the log of the world stands.

    Raises _RewrittenError where its past is another, HeadMovedError where another process has the shadow.
    """
    head = await eventlog.get_head(unit, shadow.world)
    if head.epoch != shadow.head.epoch:
        raise _RewrittenError
    found = await unit.session.scalar(select(HeadRow.position).where(HeadRow.world == shadow.id))
    if found != shadow.head.position:
        raise HeadMovedError("the shadow is not as it was")
    return head
