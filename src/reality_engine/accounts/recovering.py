"""How people get other passwords: by the one that they have, or by a letter; not how a client asks for it."""

from datetime import datetime

from reality_engine.accounts import preparing, repository
from reality_engine.accounts.errors import BadLinkError
from reality_engine.accounts.user import User
from reality_engine.audit import service as audit
from reality_engine.audit.words import What
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.mail import service as mail
from reality_engine.mail.links import Links
from reality_engine.tickets import repository as tickets
from reality_engine.tickets.ticket import Use


async def ask(unit: WriteUnit, address: str, moment: datetime) -> None:
    """Have a letter sent by which its reader can set another password, if there is such an account."""
    await mail.enqueue(unit, moment, address, preparing.RECOVERY, {})


async def held_by(unit: ReadUnit, links: Links, token: str, moment: datetime) -> User:
    """Return who may set another password by the token of a letter; raises BadLinkError."""
    key = links.key(Use.RECOVER, token)
    ticket = None if key is None else await tickets.find(unit, key, Use.RECOVER, moment)
    user = None if ticket is None else await repository.find_user(unit, ticket.subject or "")
    if ticket is None or user is None or user.email != ticket.email:
        raise _gone()
    return user


async def recover(unit: WriteUnit, links: Links, token: str, password_hash: str, moment: datetime) -> User:
    """Set another password by the token of a letter, which also shows whose address it is. Ends every session."""
    user = await held_by(unit, links, token, moment)
    if await tickets.take(unit, links.key(Use.RECOVER, token) or "", Use.RECOVER, moment) is None:
        raise _gone()
    await repository.verify_user(unit, user.id, user.email, moment)
    await rekey(unit, user, password_hash, moment)
    return user


async def rekey(unit: WriteUnit, user: User, password_hash: str, moment: datetime, but: str | None = None) -> None:
    """Set another password, end every session but perhaps one, and tell the owner of the address."""
    await repository.set_password_hash(unit, user.id, password_hash)
    await repository.revoke_sessions_of(unit, user.id, moment, but)
    # What was asked for under the old password, perhaps by a thief, is good for nothing any more.
    await tickets.delete_of(unit, Use.RECOVER, subject=user.id)
    await tickets.delete_of(unit, Use.CHANGE_ADDRESS, subject=user.id)
    await audit.note(unit, moment, user.principal(but), What.ACCOUNT_REKEYED, user.id)
    if user.email:
        await mail.enqueue(unit, moment, user.email, "password_changed", {"user": user.id})


def _gone() -> BadLinkError:
    return BadLinkError("this link was used, is over, or is not whole", field="token", hint="ask for another letter")
