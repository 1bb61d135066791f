"""Invites by address: the address stands beside the world, never in its log; and the letter that goes there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.errors import LimitExceededError
from reality_engine.kernel.ids import fresh_id
from reality_engine.mail import service as mail
from reality_engine.tickets import repository as tickets
from reality_engine.tickets.ticket import Ticket, Use

# Unless whoever makes it says otherwise.
LASTS: Final = timedelta(days=30)
# So many letters about invites go to one address in a day: who invites strangers is not to fill their mailbox.
MOST: Final = 5
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Addressed:
    """An invite to a world, and the address that it is for."""

    world: str
    invite: str
    email: str
    until: datetime


async def require_room(unit: ReadUnit, email: str, moment: datetime) -> None:
    """Raise LimitExceededError where somebody was invited often enough today."""
    if await tickets.count_since(unit, [Use.WORLD_INVITE], email, moment - _DAY) >= MOST:
        message = "this address was invited often enough today"
        raise LimitExceededError(message, field="email", hint="make an invite by link, and send that yourself")


async def keep(unit: WriteUnit, new: Addressed, moment: datetime, *, send: bool) -> None:
    """Keep whom an invite is for, and have a letter sent there if that is wanted; once for each invite."""
    if await emails_of(unit, [new.invite]):
        return
    content = {"world": new.world}
    ticket = Ticket(fresh_id(moment), Use.WORLD_INVITE, moment, new.until, new.invite, new.email, content)
    await tickets.add(unit, ticket)
    if send:
        # Nothing that somebody wrote: whoever makes a world could write to anybody by it.
        values = {"ticket": ticket.id, "until": f"{new.until:%Y-%m-%d}"}
        await mail.enqueue(unit, moment, new.email, "world_invite", values)


async def emails_of(unit: ReadUnit, invites: Collection[str]) -> dict[str, str]:
    """Return the addresses of those of the invites that are for one."""
    return await tickets.emails_about(unit, Use.WORLD_INVITE, invites)


async def forget(unit: WriteUnit, invite: str) -> None:
    """Leave nothing of whom an invite was for."""
    await tickets.delete_of(unit, Use.WORLD_INVITE, subject=invite)
