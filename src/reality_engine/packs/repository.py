"""Every query on stored packs; not what they mean."""

from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, func, or_, select

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.errors import NotFoundError
from reality_engine.packs.models import PackVersionRow
from reality_engine.packs.stored import PackVersion, StoredPack

if TYPE_CHECKING:
    from datetime import datetime

_ABOUT = (
    PackVersionRow.digest,
    PackVersionRow.name,
    PackVersionRow.version,
    PackVersionRow.title,
    PackVersionRow.uploaded_by,
    PackVersionRow.created_at,
)


async def add_pack(unit: WriteUnit, pack: StoredPack) -> bool:
    """Insert a version; False where its name and version, or its content, is stored already, even just now."""
    about = pack.about
    statement = unit.dialect.insert_or_ignore(PackVersionRow).returning(PackVersionRow.digest)
    values = {
        "digest": bytes.fromhex(about.digest),
        "name": about.name,
        "version": about.version,
        "title": about.title,
        "files": dict(pack.files),
        "uploaded_by": about.uploaded_by,
        "created_at": about.created_at,
    }
    return await unit.session.scalar(statement.values(values)) is not None


async def find_version(unit: ReadUnit, name: str, version: str) -> PackVersion | None:
    """Return the version of a pack, without its source."""
    query = select(*_ABOUT).where(PackVersionRow.name == name, PackVersionRow.version == version)
    return await _one(unit, query)


async def get_version(unit: ReadUnit, digest: str) -> PackVersion:
    """Return the version with this digest, without its source; raises NotFoundError."""
    found = await _one(unit, select(*_ABOUT).where(PackVersionRow.digest == _bytes(digest)))
    if found is None:
        raise NotFoundError("there is no such pack version")
    return found


async def get_pack(unit: ReadUnit, digest: str) -> StoredPack:
    """Return the version with this digest and its source; raises NotFoundError."""
    row = await unit.session.scalar(select(PackVersionRow).where(PackVersionRow.digest == _bytes(digest)))
    if row is None:
        raise NotFoundError("there is no such pack version")
    about = PackVersion(digest, row.name, row.version, row.title, row.uploaded_by, row.created_at)
    return StoredPack(about, {str(name): str(text) for name, text in row.files.items()})


async def list_versions(
    unit: ReadUnit, limit: int, offset: int = 0, name: str | None = None, after: PackVersion | None = None
) -> list[PackVersion]:
    """Return versions, of one pack or of all, by name and the newest first; with `after`, those that follow it."""
    row = PackVersionRow
    query = select(*_ABOUT).order_by(row.name, row.created_at.desc(), row.digest)
    if name is not None:
        query = query.where(row.name == name)
    if after is not None:
        twin = and_(row.created_at == after.created_at, row.digest > _bytes(after.digest))
        query = query.where(
            or_(row.name > after.name, and_(row.name == after.name, or_(row.created_at < after.created_at, twin)))
        )
    return await _all(unit, query.limit(limit).offset(offset))


async def list_newest(unit: ReadUnit, limit: int, offset: int = 0, after: str = "") -> list[PackVersion]:
    """Return the newest version of each pack, by name; of those that come after the name `after`."""
    order = (PackVersionRow.created_at.desc(), PackVersionRow.digest)
    rank = func.row_number().over(partition_by=PackVersionRow.name, order_by=order).label("rank")
    ranked = select(PackVersionRow.digest, rank).where(PackVersionRow.name > after).subquery()
    newest = select(ranked.c.digest).where(ranked.c.rank == 1)
    query = select(*_ABOUT).where(PackVersionRow.digest.in_(newest)).order_by(PackVersionRow.name)
    return await _all(unit, query.limit(limit).offset(offset))


async def count_packs(unit: ReadUnit) -> int:
    """Return how many packs there are, whatever their versions."""
    return await unit.session.scalar(select(func.count(PackVersionRow.name.distinct()))) or 0


async def count_versions(unit: ReadUnit, name: str) -> int:
    """Return how many versions of a pack there are."""
    query = select(func.count()).select_from(PackVersionRow).where(PackVersionRow.name == name)
    return await unit.session.scalar(query) or 0


async def _all(
    unit: ReadUnit, query: "Select[*tuple[bytes, str, str, str, str | None, datetime]]"
) -> list[PackVersion]:
    return [PackVersion(row[0].hex(), *row[1:]) for row in await unit.session.execute(query)]


async def _one(
    unit: ReadUnit, query: "Select[*tuple[bytes, str, str, str, str | None, datetime]]"
) -> PackVersion | None:
    row = (await unit.session.execute(query)).one_or_none()
    return PackVersion(row[0].hex(), *row[1:]) if row is not None else None


def _bytes(digest: str) -> bytes:
    """Read a digest; one that is none finds nothing."""
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return b""
