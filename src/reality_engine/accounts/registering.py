"""How people come to have accounts by themselves, and show whose address it is; not how a client asks for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from reality_engine.accounts import preparing, repository, service
from reality_engine.accounts.errors import BadInviteError, BadLinkError, EmailTakenError, RegistrationClosedError
from reality_engine.accounts.preparing import VERIFY_FOR
from reality_engine.accounts.service import NewUser
from reality_engine.accounts.settings import AccountSettings
from reality_engine.accounts.user import ServerRole, User
from reality_engine.audit import service as audit
from reality_engine.audit.words import What
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.ids import fresh_id
from reality_engine.mail import service as mail
from reality_engine.mail.links import Links
from reality_engine.tickets import repository as tickets
from reality_engine.tickets.ticket import Ticket, Use

_GONE: Final = "this link was used, is over, or is not whole"


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody who wants an account; the password is hashed already, and `invite` is the id of one."""

    email: str
    name: str
    password_hash: str
    invite: str | None = None


async def invite_of(
    unit: ReadUnit, links: Links, settings: AccountSettings, token: str | None, email: str, moment: datetime
) -> str | None:
    """Return the id of the invite that a token is of; raises BadInviteError and RegistrationClosedError."""
    if settings.registration == "closed":
        raise RegistrationClosedError("this server takes no registrations", hint="ask its administrator")
    if token is None:
        if settings.registration == "invite":
            raise BadInviteError("this server takes registrations by invite alone", field="invite")
        return None
    key = links.key(Use.INVITE, token)
    ticket = None if key is None else await tickets.find(unit, key, Use.INVITE, moment)
    if ticket is None or ticket.email not in (None, email):
        raise _no_such_invite()
    return ticket.id


async def begin(unit: WriteUnit, wish: Wish, moment: datetime) -> None:
    """Keep a wish until it is shown that the address is theirs; says nothing about whether that is taken."""
    content = {"name": wish.name, "password_hash": wish.password_hash, "invite": wish.invite}
    ticket = Ticket(fresh_id(moment), Use.REGISTER, moment, moment + VERIFY_FOR, None, wish.email, content)
    await tickets.add(unit, ticket)
    await mail.enqueue(unit, moment, wish.email, preparing.REGISTRATION, {"ticket": ticket.id})


async def fulfil(unit: WriteUnit, wish: Wish, moment: datetime, *, verified: bool) -> User:
    """Make the account, using up an invite; raises EmailTakenError and BadInviteError."""
    role = ServerRole.USER
    if wish.invite is not None:
        invite = await tickets.take(unit, wish.invite, Use.INVITE, moment)
        if invite is None:
            raise _no_such_invite()
        role = ServerRole(str(invite.content.get("role", role)))
    user = await service.register(unit, NewUser(wish.email, wish.name, wish.password_hash, role, verified), moment)
    details = {"invite": wish.invite, "role": role.value, "verified": verified}
    await audit.note(unit, moment, user.principal(), What.ACCOUNT_MADE, user.id, details)
    return user


async def ask_to_verify(unit: WriteUnit, address: str, moment: datetime) -> None:
    """Have another letter sent to an address that is yet to be verified, if there is any reason to."""
    await mail.enqueue(unit, moment, address, preparing.VERIFICATION, {})


async def ask_to_change(unit: WriteUnit, user_id: str, address: str, moment: datetime) -> None:
    """Have a letter sent to an address that is to be a user's from when its link is opened."""
    await mail.enqueue(unit, moment, address, preparing.CHANGE, {"user": user_id})


async def held_by(unit: ReadUnit, links: Links, token: str, moment: datetime) -> Ticket | None:
    """Return what the token of a letter is good for, without using it; None where it is good for nothing."""
    for use in (Use.REGISTER, Use.VERIFY, Use.CHANGE_ADDRESS):
        key = links.key(use, token)
        if key is not None:
            return await tickets.find(unit, key, use, moment)
    return None


async def confirm(unit: WriteUnit, links: Links, token: str, moment: datetime) -> User:
    """Do what the token of a letter is good for, once: make the account, or note whose address it is.

    Raises BadLinkError, EmailTakenError and BadInviteError.
    """
    found = await held_by(unit, links, token, moment)
    ticket = None if found is None else await tickets.take(unit, found.id, found.use, moment)
    if ticket is None or ticket.email is None:
        raise BadLinkError(_GONE, field="token", hint="ask for another letter")
    if ticket.use is Use.REGISTER:
        user = await fulfil(unit, _wish(ticket, ticket.email), moment, verified=True)
        await tickets.delete_of(unit, Use.REGISTER, email=ticket.email)
        return user
    return await _settle(unit, ticket, ticket.email, ticket.subject or "", moment)


async def _settle(unit: WriteUnit, ticket: Ticket, email: str, user_id: str, moment: datetime) -> User:
    """Note whose address it is, for somebody who has an account."""
    before = await repository.find_user(unit, user_id)
    if ticket.use is Use.VERIFY:
        done, what = await repository.verify_user(unit, user_id, email, moment), What.ACCOUNT_VERIFIED
    elif await repository.find_user_by_email(unit, email) is not None:
        raise _taken()
    elif not await repository.readdress_user(unit, user_id, email, moment):
        raise _taken() if before is not None else BadLinkError(_GONE, field="token")
    else:
        done, what = True, What.ACCOUNT_EMAIL
    if not done or before is None:
        raise BadLinkError(_GONE, field="token", hint="ask for another letter")
    await tickets.delete_of(unit, ticket.use, subject=user_id)
    await audit.note(unit, moment, before.principal(), what, user_id)
    if what is What.ACCOUNT_EMAIL and before.email:
        await mail.enqueue(unit, moment, before.email, "address_changed", {"user": user_id})
    return await repository.get_user(unit, user_id)


def _wish(ticket: Ticket, email: str) -> Wish:
    content = ticket.content
    invite = content["invite"]
    return Wish(email, str(content["name"]), str(content["password_hash"]), None if invite is None else str(invite))


def _taken() -> EmailTakenError:
    return EmailTakenError("there is an account with this e-mail address", field="email", hint="log in instead")


def _no_such_invite() -> BadInviteError:
    hint = "ask whoever invited you for another one"
    return BadInviteError("this invite is used up, over, or not for this address", field="invite", hint=hint)
