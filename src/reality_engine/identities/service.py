"""What can be done with identities: find whose one is, make an account for it, link, unlink; not how it is proved."""

from datetime import datetime

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.bans import require_not_banned
from reality_engine.accounts.errors import EmailTakenError, RegistrationClosedError
from reality_engine.accounts.user import ServerRole, User
from reality_engine.audit.service import note
from reality_engine.audit.words import What
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.identities import news, repository
from reality_engine.identities.errors import (
    IdentityEndedError,
    IdentityTakenError,
    LastWayInError,
    LinkRequiredError,
)
from reality_engine.identities.identity import Identity, Kind, Proven
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal

# What news are about, for their digests.
PERSON = "user"


async def known_as(unit: ReadUnit, proven: Proven, *, make: bool) -> User | None:
    """Return the account of somebody who has just proved who they are, None where they may have one made.

    Raises IdentityEndedError for who is gone, AccountBannedError for who is banned, LinkRequiredError where the address
    is that of an account, and RegistrationClosedError where none may be made.
    """
    if await news.is_gone(unit, news.digest_of(proven.issuer, PERSON, proven.subject)):
        raise IdentityEndedError("the identity provider has ended this identity")
    link = await repository.find_identity(unit, proven.issuer, proven.subject)
    if link is not None:
        user = await accounts.find_user(unit, link.user_id)
        if user is None:
            raise IdentityEndedError("the account has ended")
        await require_not_banned(unit, user.id)
        return user
    if proven.email and await accounts.find_user_by_email(unit, proven.email) is not None:
        raise _link_required()
    if not make:
        raise RegistrationClosedError("this server makes no account for who comes the first time")
    return None


async def account_of(unit: WriteUnit, proven: Proven, moment: datetime, *, make: bool) -> User:
    """Return the account of somebody who has just proved who they are, made now where they are seen the first time.

    Raises what `known_as` does.
    """
    # Held also by the news that somebody is gone, so that nobody is made an account just after that.
    await news.hold(unit, news.digest_of(proven.issuer, PERSON, proven.subject))
    user = await known_as(unit, proven, make=make)
    return await _make(unit, proven, moment) if user is None else user


async def link(unit: WriteUnit, principal: Principal, proven: Proven, moment: datetime) -> Identity:
    """Link an identity to the account of who acts, which they say by this; again where that is done already.

    Raises IdentityTakenError where it is linked to another account.
    """
    _, gone = await news.hold(unit, news.digest_of(proven.issuer, PERSON, proven.subject))
    if gone:
        raise IdentityEndedError("the identity provider has ended this identity")
    await accounts.get_user(unit, principal.id)
    made = _link(proven, principal.id, moment)
    if await repository.add_identity(unit, made):
        await note(unit, moment, principal, What.IDENTITY_LINKED, principal.id, {"identity": made.id})
        return made
    found = await repository.find_identity(unit, proven.issuer, proven.subject)
    if found is None or found.user_id != principal.id:
        raise IdentityTakenError("this identity is linked to another account", hint="log in with it, and unlink it")
    return found


async def unlink(unit: WriteUnit, principal: Principal, identity_id: str, moment: datetime) -> None:
    """Take an identity off the account of who acts; raises NotFoundError, and LastWayInError for the last way in."""
    links = await repository.lock_identities(unit, principal.id)
    found = next((one for one in links if one.id == identity_id), None)
    if found is None:
        raise NotFoundError("there is no such identity")
    if len(links) == 1 and not await accounts.get_password_hash(unit, principal.id):
        hint = "set a password, or link another identity first"
        raise LastWayInError("nobody could log in to this account any more", hint=hint)
    await repository.delete_identity(unit, found)
    await note(unit, moment, principal, What.IDENTITY_UNLINKED, principal.id, {"identity": found.id})


async def forget_user(unit: WriteUnit, user_id: str) -> None:
    """Leave nothing of what providers call somebody whose account ends.

    Who has a session at Clerk would come back by their next request. What keeps them out is a digest.
    """
    for ended in await repository.delete_identities(unit, user_id):
        if ended.kind is Kind.CLERK:
            digest = news.digest_of(ended.issuer, PERSON, ended.subject)
            told_at, _ = await news.hold(unit, digest)
            await news.follow(unit, digest, told_at, gone=True)


async def managed(unit: WriteUnit, link: Identity) -> bool:
    """Say whether an account has no other way in than an identity, so that its provider says what it is called."""
    links = await repository.lock_identities(unit, link.user_id)
    return len(links) == 1 and not await accounts.get_password_hash(unit, link.user_id)


async def _make(unit: WriteUnit, proven: Proven, moment: datetime) -> User:
    user = User(fresh_id(moment), proven.email, proven.name, ServerRole.USER, moment, bool(proven.email))
    if not await accounts.add_user(unit, user, ""):
        raise _link_required()  # it was made at the same time
    made = _link(proven, user.id, moment)
    if not await repository.add_identity(unit, made):
        raise EmailTakenError("the identity was linked at the same time", hint="try again")
    await note(unit, moment, user.principal(), What.ACCOUNT_MADE, user.id, {"identity": made.id})
    return user


def _link(proven: Proven, user_id: str, moment: datetime) -> Identity:
    return Identity(fresh_id(moment), proven.kind, proven.issuer, proven.subject, user_id, moment)


def _link_required() -> LinkRequiredError:
    hint = "log in to that account, and link the identity to it by POST /api/v1/auth/identities"
    return LinkRequiredError("there is an account with this e-mail address", hint=hint)
