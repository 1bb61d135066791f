"""Every query on the table of tickets; not what they are good for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.tickets.models import TicketRow
from reality_engine.tickets.ticket import Ticket, Use


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a list that is wanted: so many, after passing over some, or those made before one."""

    limit: int
    skip: int = 0
    before: str | None = None


async def add(unit: WriteUnit, ticket: Ticket) -> None:
    """Insert a ticket."""
    unit.session.add(
        TicketRow(
            id=ticket.id,
            use=ticket.use.value,
            subject=ticket.subject,
            email=ticket.email,
            content=dict(ticket.content),
            uses_left=ticket.left,
            created_at=ticket.created_at,
            expires_at=ticket.expires_at,
        )
    )
    await unit.session.flush()


async def find(unit: ReadUnit, key: str, use: Use, moment: datetime) -> Ticket | None:
    """Return a ticket that is still good for this."""
    row = TicketRow
    query = select(row).where(row.id == key, row.use == use.value, row.expires_at > moment)
    found = await unit.session.scalar(query)
    return None if found is None else _ticket(found)


async def find_newest(unit: ReadUnit, use: Use, email: str, moment: datetime) -> Ticket | None:
    """Return the ticket for an address that was made last and is still good for this."""
    row = TicketRow
    query = select(row).where(row.email == email, row.use == use.value, row.expires_at > moment)
    found = await unit.session.scalar(query.order_by(row.id.desc()).limit(1))
    return None if found is None else _ticket(found)


async def take(unit: WriteUnit, key: str, use: Use, moment: datetime) -> Ticket | None:
    """Use a ticket once, and return it as it was; of two at once for a last use, one gets None."""
    row = TicketRow
    query = select(row).where(row.id == key, row.use == use.value, row.expires_at > moment)
    found = await unit.session.scalar(unit.dialect.locked(query))
    if found is None:
        return None
    ticket = _ticket(found)
    if ticket.left > 1:
        await unit.session.execute(update(row).where(row.id == key).values(uses_left=ticket.left - 1))
    else:
        await unit.session.execute(delete(row).where(row.id == key))
    return ticket


async def void(unit: WriteUnit, key: str, use: Use) -> None:
    """Have a ticket be good for nothing but to be counted under another use, and leave nothing of what it held."""
    await unit.session.execute(update(TicketRow).where(TicketRow.id == key).values(use=use.value, content={}))


async def count_since(unit: ReadUnit, uses: Collection[Use], email: str, moment: datetime) -> int:
    """Say how many tickets of these uses were made for an address since a moment, and are not used up."""
    row = TicketRow
    query = select(row.id).where(row.email == email, row.use.in_([use.value for use in uses]))
    return len((await unit.session.scalars(query.where(row.created_at > moment).limit(100))).all())


async def delete_of(unit: WriteUnit, use: Use, *, subject: str | None = None, email: str | None = None) -> None:
    """Delete the tickets of one use of a user, or of an address."""
    row = TicketRow
    whose = row.subject == subject if subject is not None else row.email == email
    await unit.session.execute(delete(row).where(row.use == use.value, whose))


async def forget(unit: WriteUnit, subject: str, email: str) -> None:
    """Delete every ticket that has a user or an address in it; those that they made for others stay, without them."""
    row = TicketRow
    made = row.use == Use.INVITE.value
    await unit.session.execute(update(row).where(made, row.subject == subject).values(subject=None))
    await unit.session.execute(delete(row).where(or_(row.subject == subject, row.email == email)))


async def list_of(unit: ReadUnit, use: Use, moment: datetime, part: Part) -> Sequence[Ticket]:
    """Return tickets of one use that are still good, the newest first."""
    row = TicketRow
    query = select(row).where(row.use == use.value, row.expires_at > moment).order_by(row.id.desc())
    query = query if part.before is None else query.where(row.id < part.before)
    rows = await unit.session.scalars(query.limit(part.limit).offset(part.skip))
    return [_ticket(one) for one in rows]


async def count_of(unit: ReadUnit, use: Use, moment: datetime) -> int:
    """Say how many tickets of one use are still good."""
    row = TicketRow
    query = select(func.count()).select_from(row).where(row.use == use.value, row.expires_at > moment)
    return int(await unit.session.scalar(query) or 0)


async def emails_about(unit: ReadUnit, use: Use, subjects: Collection[str]) -> dict[str, str]:
    """Return the addresses of the tickets of one use that are about these, also of those that are over."""
    row = TicketRow
    query = select(row.subject, row.email).where(row.use == use.value, unit.dialect.among(row.subject, [*subjects]))
    return {str(subject): str(email) for subject, email in await unit.session.execute(query)}


async def remove(unit: WriteUnit, key: str, use: Use) -> bool:
    """Delete a ticket; False where there is none."""
    query = delete(TicketRow).where(TicketRow.id == key, TicketRow.use == use.value).returning(TicketRow.id)
    return await unit.session.scalar(query) is not None


async def forget_over_before(unit: WriteUnit, moment: datetime, many: int) -> int:
    """Delete tickets that were over at a moment, at most so many; returns how many."""
    row = TicketRow
    over = select(row.id).where(row.expires_at < moment).order_by(row.expires_at, row.id).limit(many)
    found = [*await unit.session.scalars(over.with_for_update(skip_locked=True))]
    if found:
        await unit.session.execute(delete(row).where(unit.dialect.among(row.id, found)))
    return len(found)


def _ticket(row: TicketRow) -> Ticket:
    return Ticket(
        row.id, Use(row.use), row.created_at, row.expires_at, row.subject, row.email, row.content, row.uses_left
    )
