"""Follows what Clerk tells by itself, each thing no further back than it was followed already; not how it is sent.

News may come twice, in another order, or several at once: what counts is as of when they are. What is gone stays gone.
"""

from dataclasses import dataclass
from datetime import datetime

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.errors import RegistrationClosedError
from reality_engine.audit.service import note
from reality_engine.audit.words import What
from reality_engine.db.unit import WriteUnit
from reality_engine.identities import news, repository, service
from reality_engine.identities.clerk_news import MemberNews, News, OrganizationNews, PersonNews
from reality_engine.identities.errors import LinkRequiredError
from reality_engine.identities.identity import Identity, Kind, Proven
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import WORLD


@dataclass(frozen=True, slots=True)
class Followed:
    """Whose account changed, and whose is to end after the transaction."""

    changed: str | None = None
    ends: str | None = None


async def follow(unit: WriteUnit, issuer: str, told: News, moment: datetime, *, make: bool) -> Followed:
    """Bring what is kept here in step with one piece of news; the caller commits."""
    if isinstance(told, PersonNews):
        return await _person(unit, issuer, told, moment, make=make)
    if isinstance(told, OrganizationNews):
        await _organization(unit, issuer, told, moment)
    else:
        await _member(unit, issuer, told, moment)
    return Followed()


async def _person(unit: WriteUnit, issuer: str, told: PersonNews, moment: datetime, *, make: bool) -> Followed:
    fresh = await _fresh(unit, news.digest_of(issuer, service.PERSON, told.key), told)
    link = await repository.find_identity(unit, issuer, told.key)
    if told.gone:
        # Also where that was followed before: the account's end comes after it, and may have been interrupted.
        return await _gone(unit, issuer, told, link, moment)
    if not fresh:
        return Followed()
    if link is None:
        await _arrived(unit, issuer, told, moment, make=make)
        return Followed()
    if await service.managed(unit, link):
        await _rename(unit, link, told, moment)
    return Followed(changed=link.user_id)


async def _gone(unit: WriteUnit, issuer: str, told: PersonNews, link: Identity | None, moment: datetime) -> Followed:
    await repository.delete_memberships(unit, issuer, told.key)
    if link is None:
        return Followed()
    if await service.managed(unit, link):
        return Followed(ends=link.user_id)
    await repository.delete_identity(unit, link)
    await note(unit, moment, WORLD, What.IDENTITY_UNLINKED, link.user_id, {"identity": link.id})
    return Followed(changed=link.user_id)


async def _arrived(unit: WriteUnit, issuer: str, told: PersonNews, moment: datetime, *, make: bool) -> None:
    """Make an account where one may be made now; otherwise whoever it is learns why when they come."""
    try:
        proven = Proven(Kind.CLERK, issuer, told.key, told.name, told.email)
        await service.account_of(unit, proven, moment, make=make)
    except (LinkRequiredError, RegistrationClosedError):
        return


async def _rename(unit: WriteUnit, link: Identity, told: PersonNews, moment: datetime) -> None:
    await accounts.rename_user(unit, link.user_id, told.name)
    owner = await accounts.find_user_by_email(unit, told.email) if told.email else None
    if told.email and owner is None:
        await accounts.readdress_user(unit, link.user_id, told.email, moment)


async def _organization(unit: WriteUnit, issuer: str, told: OrganizationNews, moment: datetime) -> str | None:
    """Follow news of an organization; return its id where there is one."""
    digest = news.digest_of(issuer, "organization", told.key)
    fresh = await _fresh(unit, digest, told)
    if told.gone:
        await news.delete_organization(unit, issuer, told.key)
        return None
    _, gone = await news.hold(unit, digest)
    if gone:
        return None
    return await news.put_organization(unit, fresh_id(moment), issuer, told.key, told.name if fresh else None)


async def _member(unit: WriteUnit, issuer: str, told: MemberNews, moment: datetime) -> None:
    # Held in the same order by all: organizations, people, memberships.
    organization = None if told.gone else await _organization(unit, issuer, told.organization, moment)
    _, left = await news.hold(unit, news.digest_of(issuer, service.PERSON, told.subject))
    if not await _fresh(unit, news.digest_of(issuer, "membership", told.key), told):
        return
    if told.gone:
        await news.delete_member(unit, issuer, told.organization.key, told.subject)
    elif organization is not None and not left:
        await news.put_member(unit, organization, told.subject, told.role)


async def _fresh(unit: WriteUnit, digest: bytes, told: News) -> bool:
    """Say whether this was not known yet, and note that it is now."""
    told_at, gone = await news.hold(unit, digest)
    if gone or (told.told_at <= told_at and not told.gone):
        return False
    await news.follow(unit, digest, max(told.told_at, told_at), gone=told.gone)
    return True
