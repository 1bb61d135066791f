"""Finds out what letters come to that were asked for without looking whether there is such an account.

Whoever asks is answered alike, and as quickly, for any address: all that depends on it happens here, when the letter is
about to be sent.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from reality_engine.accounts import repository
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.ids import fresh_id
from reality_engine.mail.letter import Letter
from reality_engine.mail.relay import Preparation
from reality_engine.tickets import repository as tickets
from reality_engine.tickets.ticket import Ticket, Use

# Templates of letters that are yet to be prepared.
REGISTRATION: Final = "registration_asked"
VERIFICATION: Final = "verification_asked"
RECOVERY: Final = "recovery_asked"
CHANGE: Final = "change_asked"

# So long is a link good that was sent for it.
VERIFY_FOR: Final = timedelta(days=1)
RECOVER_FOR: Final = timedelta(hours=1)
# More than so many letters of a kind in this time are asked for by somebody who wants to annoy their recipient.
MOST: Final = 5
WINDOW: Final = timedelta(hours=1)


async def _registration(unit: WriteUnit, letter: Letter, moment: datetime) -> Letter | None:
    key = str(letter.content["ticket"])
    ticket = await tickets.find(unit, key, Use.REGISTER, moment)
    if ticket is None:
        return None
    if await _many(unit, (Use.REGISTER, Use.TAKEN), letter.to, moment, MOST + 1):
        await tickets.remove(unit, key, Use.REGISTER)
        return None
    if await repository.find_user_by_email(unit, letter.to) is not None:
        await tickets.void(unit, key, Use.TAKEN)
        return replace(letter, template="address_taken", content={})
    return replace(letter, template="verify_registration", content={"ticket": key})


async def _verification(unit: WriteUnit, letter: Letter, moment: datetime) -> Letter | None:
    if await _many(unit, (Use.REGISTER, Use.VERIFY), letter.to, moment):
        return None
    user = await repository.find_user_by_email(unit, letter.to)
    if user is not None:
        if user.verified:
            return None
        return await ticketed(unit, letter, "verify_address", _ticket(Use.VERIFY, letter.to, moment, user.id))
    pending = await tickets.find_newest(unit, Use.REGISTER, letter.to, moment)
    if pending is None:
        return None
    again = replace(pending, id=fresh_id(moment), created_at=moment, expires_at=moment + VERIFY_FOR)
    return await ticketed(unit, letter, "verify_registration", again)


async def _recovery(unit: WriteUnit, letter: Letter, moment: datetime) -> Letter | None:
    user = await repository.find_user_by_email(unit, letter.to)
    if user is None or await _many(unit, (Use.RECOVER,), letter.to, moment):
        return None
    return await ticketed(unit, letter, "recover", _ticket(Use.RECOVER, letter.to, moment, user.id, RECOVER_FOR))


async def _change(unit: WriteUnit, letter: Letter, moment: datetime) -> Letter | None:
    user = await repository.find_user(unit, str(letter.content["user"]))
    if user is None or await _many(unit, (Use.CHANGE_ADDRESS, Use.TAKEN), letter.to, moment):
        return None
    if await repository.find_user_by_email(unit, letter.to) is not None:
        await tickets.add(unit, _ticket(Use.TAKEN, letter.to, moment, user.id, WINDOW))
        return replace(letter, template="address_taken", content={"user": user.id})
    return await ticketed(unit, letter, "verify_address", _ticket(Use.CHANGE_ADDRESS, letter.to, moment, user.id))


PREPARATIONS: Final[Mapping[str, Preparation]] = {
    REGISTRATION: _registration,
    VERIFICATION: _verification,
    RECOVERY: _recovery,
    CHANGE: _change,
}


async def ticketed(unit: WriteUnit, letter: Letter, template: str, ticket: Ticket) -> Letter:
    """Return the letter with the link to a ticket, which is kept."""
    await tickets.add(unit, ticket)
    named = {} if ticket.subject is None else {"user": ticket.subject}
    return replace(letter, template=template, content={**named, "ticket": ticket.id, "use": ticket.use.value})


async def _many(unit: WriteUnit, uses: tuple[Use, ...], address: str, moment: datetime, most: int = MOST) -> bool:
    return await tickets.count_since(unit, uses, address, moment - WINDOW) >= most


def _ticket(use: Use, address: str, moment: datetime, user: str, lasts: timedelta = VERIFY_FOR) -> Ticket:
    return Ticket(fresh_id(moment), use, moment, moment + lasts, user, address)
