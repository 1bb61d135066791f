"""Invites to this server: made, listed and revoked; how one is used is the matter of `registering`."""

from datetime import datetime, timedelta
from typing import Final

from reality_engine.accounts.user import ServerRole
from reality_engine.audit import service as audit
from reality_engine.audit.words import What
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal
from reality_engine.mail import service as mail
from reality_engine.tickets import repository as tickets
from reality_engine.tickets.ticket import Ticket, Use

# The page on which an invite is used.
PAGE: Final = "/account/register"
MAX_DAYS: Final = 90
MAX_USES: Final = 1_000


def drawn(by: Principal, email: str | None, uses: int, lasts: timedelta, role: ServerRole, moment: datetime) -> Ticket:
    """Return an invite that is yet to be kept; for one address it is good once."""
    left = 1 if email is not None else uses
    content = {"role": role.value}
    return Ticket(fresh_id(moment), Use.INVITE, moment, moment + lasts, by.id or None, email, content, left)


async def make(unit: WriteUnit, ticket: Ticket, by: Principal, *, send: bool) -> None:
    """Keep an invite, and have it sent to its address, if it has one and that is wanted."""
    await tickets.add(unit, ticket)
    role = str(ticket.content["role"])
    details = {"scope": "server", "uses": str(ticket.left), "role": role}
    await audit.note(unit, ticket.created_at, by, What.INVITE_MADE, ticket.id, {**details})
    if send and ticket.email is not None:
        values = {"ticket": ticket.id, "until": f"{ticket.expires_at:%Y-%m-%d}"}
        await mail.enqueue(unit, ticket.created_at, ticket.email, "invite", values)


async def revoke(unit: WriteUnit, key: str, by: Principal, moment: datetime) -> None:
    """Have an invite be good for nothing any more; raises NotFoundError."""
    if not await tickets.remove(unit, key, Use.INVITE):
        raise NotFoundError("there is no such invite")
    await audit.note(unit, moment, by, What.INVITE_REVOKED, key, {"scope": "server"})
