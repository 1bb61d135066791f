"""The identities of an account over HTTP: list, link, unlink; nothing is decided here."""

from typing import Final

from fastapi import APIRouter

from reality_engine.accounts import repository as accounts_repository
from reality_engine.accounts.access import PERSON
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import BadCredentialsError, MethodOffError, TokenExpiredError
from reality_engine.accounts.proving import prove_again
from reality_engine.accounts.tokens import digest_of
from reality_engine.db.unit import WriteUnit
from reality_engine.identities import news, repository, service
from reality_engine.identities.dependencies import IdentitiesDep
from reality_engine.identities.errors import (
    BadSignInError,
    IdentityEndedError,
    IdentityTakenError,
    IssuerUnavailableError,
    LastWayInError,
)
from reality_engine.identities.identity import Proven
from reality_engine.identities.oidc import challenge_of
from reality_engine.identities.schemas import IdentityResponse, LinkRequest, OrganizationResponse
from reality_engine.kernel.clock import Clock
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.web.bodies import PathId
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(prefix="/auth", tags=["identities"])

_SIGNED_IN: Final = (UnauthenticatedError, TokenExpiredError, DeniedError)


@router.get("/identities", dependencies=[PERSON], responses=responses(*_SIGNED_IN))
async def list_identities(principal: CurrentPrincipal, units: UnitsDep) -> Envelope[list[IdentityResponse]]:
    """List what one is to identity providers."""
    async with units.read() as unit:
        links = await repository.list_identities(unit, principal.id)
    return Envelope(data=[IdentityResponse.of(one) for one in links])


@router.get("/organizations", dependencies=[PERSON], responses=responses(*_SIGNED_IN))
async def list_organizations(principal: CurrentPrincipal, units: UnitsDep) -> Envelope[list[OrganizationResponse]]:
    """List the organizations that one belongs to at identity providers, by name."""
    async with units.read() as unit:
        found = await news.list_memberships(unit, principal.id)
    return Envelope(data=[OrganizationResponse.of(one) for one in found])


@router.post(
    "/identities",
    status_code=201,
    dependencies=[PERSON],
    responses=responses(
        *_SIGNED_IN, BadCredentialsError, BadSignInError, IdentityTakenError, IdentityEndedError,
        IssuerUnavailableError, MethodOffError,
    ),
)  # fmt: skip
async def link_identity(
    body: LinkRequest,
    principal: CurrentPrincipal,
    units: UnitsDep,
    clock: ClockDep,
    identities: IdentitiesDep,
    accounts: AccountsDep,
) -> Envelope[IdentityResponse]:
    """Link an identity to one's account, so that one can log in by it."""
    async with units.read() as unit:
        stored = await accounts_repository.get_password_hash(unit, principal.id)
    # A session that was stolen must not become a way in that stays.
    if stored and not await prove_again(principal.id, body.password or "", stored, accounts):
        raise BadCredentialsError("the password is wrong", field="password")
    moment, by_token = clock.now(), None
    if body.clerk_token is not None:
        if identities.clerk is None:
            raise MethodOffError("this server does not know Clerk")
        by_token = (await identities.clerk.session_of(body.clerk_token, moment)).proven
    async with units.write() as unit:
        proven = by_token or await _signed_in(unit, body, clock)
        made = await service.link(unit, principal, proven, moment)
        unit.after_commit(lambda: identities.forget_user(principal.id))
        await unit.commit()
    return Envelope(data=IdentityResponse.of(made))


@router.delete(
    "/identities/{identity}",
    status_code=204,
    dependencies=[PERSON],
    responses=responses(*_SIGNED_IN, NotFoundError, LastWayInError),
)
async def unlink_identity(
    identity: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, identities: IdentitiesDep
) -> None:
    """Take an identity off one's account; the last way into it stays."""
    async with units.write() as unit:
        await service.unlink(unit, principal, identity, clock.now())
        unit.after_commit(lambda: identities.forget_user(principal.id))
        await unit.commit()


async def _signed_in(unit: WriteUnit, body: LinkRequest, clock: Clock) -> Proven:
    return await redeem(unit, body.code or "", body.code_verifier or "", clock)


async def redeem(unit: WriteUnit, code: str, verifier: str, clock: Clock) -> Proven:
    """Return what a provider said, and use the code up if the caller commits; raises BadSignInError."""
    proven = await told(unit, code, verifier, clock)
    await repository.delete_sign_in(unit, digest_of(code))
    return proven


async def told(unit: WriteUnit, code: str, verifier: str, clock: Clock) -> Proven:
    """Return what a provider said, which may be asked for again; raises BadSignInError."""
    proven = await repository.find_sign_in(unit, digest_of(code), challenge_of(verifier), clock.now())
    if proven is None:
        raise BadSignInError("the code is wrong, used or over", field="code", hint="log in again")
    return proven
