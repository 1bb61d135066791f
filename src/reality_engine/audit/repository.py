"""Every query on the audit: it is added to and read; nothing changes or deletes what was noted."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from reality_engine.audit.entry import Entry
from reality_engine.audit.models import AuditRow
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.principal import PrincipalKind


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries are meant: those that fit all that is given."""

    what: str | None = None
    subject: str | None = None
    by: str | None = None


async def add(unit: WriteUnit, entry: Entry) -> None:
    """Insert an entry."""
    unit.session.add(
        AuditRow(
            id=entry.id, at=entry.at, by_kind=entry.by_kind.value, by_id=entry.by_id, credential=entry.credential,
            what=entry.what, subject=entry.subject, details=dict(entry.details),
        )
    )  # fmt: skip
    await unit.session.flush()


async def list_entries(
    unit: ReadUnit, sought: Sought, limit: int, before: str | None = None, skip: int = 0
) -> Sequence[Entry]:
    """Return the newest entries that are meant, those before an entry where one is given."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit).offset(skip)
    given = ((AuditRow.what, sought.what), (AuditRow.subject, sought.subject), (AuditRow.by_id, sought.by))
    for column, value in given:
        query = query if value is None else query.where(column == value)
    if before is not None:
        query = query.where(AuditRow.id < before)
    return [_entry(row) for row in await unit.session.scalars(query)]


def _entry(row: AuditRow) -> Entry:
    kind = PrincipalKind(row.by_kind)
    return Entry(row.id, row.at, kind, row.by_id, row.credential, row.what, row.subject, row.details)
