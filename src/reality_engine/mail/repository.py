"""Every query on the table of letters; not who writes them, and not how they are sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select, update

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.mail.letter import Letter
from reality_engine.mail.models import LetterRow

TROUBLE_LENGTH: Final = 300


async def add(unit: WriteUnit, letter: Letter) -> None:
    """Insert a letter that is due at once."""
    unit.session.add(
        LetterRow(
            id=letter.id,
            recipient=letter.to,
            template=letter.template,
            content=dict(letter.content),
            created_at=letter.created_at,
            until=letter.until,
            due_at=letter.created_at,
            attempts=0,
        )
    )
    await unit.session.flush()


async def is_any_due(unit: ReadUnit, moment: datetime) -> bool:
    """Say whether there is anything to be sent."""
    return await unit.session.scalar(select(LetterRow.id).where(LetterRow.due_at <= moment).limit(1)) is not None


async def claim(unit: WriteUnit, moment: datetime, lease: timedelta) -> Letter | None:
    """Take the letter that has been due for longest, which nobody else gets before the lease is over."""
    row = LetterRow
    due = select(row).where(row.due_at <= moment).order_by(row.due_at, row.id).limit(1)
    found = await unit.session.scalar(due.with_for_update(skip_locked=True))
    if found is None:
        return None
    found.due_at, found.attempts = moment + lease, found.attempts + 1
    await unit.session.flush()
    return _letter(found)


async def rewrite(unit: WriteUnit, letter: Letter) -> None:
    """Replace the template of a letter and what fills it."""
    query = update(LetterRow).where(LetterRow.id == letter.id)
    await unit.session.execute(query.values(template=letter.template, content=dict(letter.content)))


async def put_off(unit: WriteUnit, letter: Letter, due: datetime | None, trouble: str) -> None:
    """Have a letter tried again at a moment, or never; unless somebody else has taken it meanwhile."""
    row = LetterRow
    query = update(row).where(row.id == letter.id, row.attempts == letter.attempts)
    await unit.session.execute(query.values(due_at=due, trouble=trouble))


async def remove(unit: WriteUnit, letter: Letter) -> None:
    """Delete a letter that was sent, or that nobody is to get."""
    await unit.session.execute(delete(LetterRow).where(LetterRow.id == letter.id))


async def delete_of(unit: WriteUnit, user: str, address: str) -> None:
    """Delete every letter to an address, and those to other addresses whose content names the user."""
    row = LetterRow
    theirs = or_(row.recipient == address, unit.dialect.json_text(row.content, "user") == user)
    await unit.session.execute(delete(row).where(theirs))


async def list_waiting(unit: ReadUnit, many: int) -> Sequence[tuple[Letter, datetime | None, str | None]]:
    """Return letters that are not sent, the oldest first: when each is due again, or None, and what went wrong."""
    rows = await unit.session.scalars(select(LetterRow).order_by(LetterRow.id).limit(many))
    return [(_letter(row), row.due_at, row.trouble) for row in rows]


async def forget_over_before(unit: WriteUnit, moment: datetime, many: int) -> int:
    """Delete letters that were given up and were of no use after a moment, at most so many; returns how many."""
    row = LetterRow
    over = select(row.id).where(row.due_at.is_(None), row.until < moment).order_by(row.id).limit(many)
    found = [*await unit.session.scalars(over.with_for_update(skip_locked=True))]
    if found:
        await unit.session.execute(delete(row).where(unit.dialect.among(row.id, found)))
    return len(found)


def _letter(row: LetterRow) -> Letter:
    return Letter(row.id, row.recipient, row.template, row.content, row.created_at, row.until, row.attempts)
