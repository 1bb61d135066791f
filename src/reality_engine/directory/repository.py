"""Every query on the directory of worlds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select

from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.directory.models import WorldRow
from reality_engine.kernel.errors import NotFoundError
from reality_engine.state.models import UniqueRow

WORLDS: Final = shape_of(WorldRow)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Of which world one is a fork, and up to which position it shares its log."""

    origin: str
    position: int


@dataclass(frozen=True, slots=True)
class World:
    """A world that exists; `pack` is the digest of the pack version that it runs."""

    id: str
    pack: str
    created_at: datetime
    lineage: Lineage | None = None


async def add(unit: WriteUnit, world: World) -> None:
    """Insert a new world."""
    row: dict[str, Any] = {"id": world.id, "pack": world.pack, "created_at": world.created_at}
    if world.lineage is not None:
        row |= {"origin": world.lineage.origin, "forked_at": world.lineage.position}
    await unit.session.execute(insert(WorldRow).values(**row))


async def is_taken(unit: ReadUnit, world: str) -> bool:
    """Say whether there is or was a world with this id."""
    return await unit.session.scalar(select(WorldRow.id).where(WorldRow.id == world)) is not None


async def get(unit: ReadUnit, world: str) -> World:
    """Return a world that is not deleted; raises NotFoundError."""
    query = select(WorldRow).where(WorldRow.id == world, WorldRow.deleted_at.is_(None))
    row = await unit.session.scalar(query)
    if row is None:
        raise NotFoundError("there is no such world")
    return _world(row)


async def pack_of(unit: ReadUnit, world: str) -> str | None:
    """Return the digest of the pack version that a world runs, deleted or not; None where there is no such world."""
    digest: str | None = await unit.session.scalar(select(WorldRow.pack).where(WorldRow.id == world))
    return digest


async def list_all(unit: ReadUnit, limit: int, before: str | None = None) -> list[World]:
    """Return worlds that are not deleted, the newest first; for those who run the server."""
    query = select(WorldRow).where(WorldRow.deleted_at.is_(None)).order_by(WorldRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(WorldRow.id < before)
    return [_world(row) for row in await unit.session.scalars(query)]


async def packs_in_use(unit: ReadUnit) -> list[str]:
    """Return the digests of the pack versions that worlds run."""
    return list(await unit.session.scalars(select(WorldRow.pack).where(WorldRow.deleted_at.is_(None)).distinct()))


async def list_running(unit: ReadUnit, pack: str) -> list[str]:
    """Return the worlds that run a pack version and are not deleted, the oldest first."""
    query = select(WorldRow.id).where(WorldRow.pack == pack, WorldRow.deleted_at.is_(None)).order_by(WorldRow.id)
    return list(await unit.session.scalars(query))


async def list_of_member(unit: ReadUnit, user: str, limit: int, before: str | None = None) -> Sequence[World]:
    """Return the worlds that a user is a member of, the newest first."""
    mine = select(UniqueRow.world).where(UniqueRow.kind == "member", UniqueRow.field == "user", UniqueRow.value == user)
    query = select(WorldRow).where(WorldRow.deleted_at.is_(None), WorldRow.id.in_(mine))
    query = query.order_by(WorldRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(WorldRow.id < before)
    return [_world(row) for row in await unit.session.scalars(query)]


def mark_deleted(batch: Batch, world: str, now: datetime) -> None:
    """Hide a world from everybody; nothing of it is lost."""
    batch.update(WORLDS, (world,), {"deleted_at": now})


def mark_upgraded(batch: Batch, world: str, pack: str) -> None:
    """Have a world run another pack version, as the head of its log says."""
    batch.update(WORLDS, (world,), {"pack": pack})


def _world(row: WorldRow) -> World:
    lineage = None if row.origin is None or row.forked_at is None else Lineage(row.origin, row.forked_at)
    return World(row.id, row.pack, row.created_at, lineage)
