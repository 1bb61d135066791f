"""Accounts over HTTP: register, log in, refresh, log out, me; nothing is decided here."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import OAuth2PasswordRequestForm

from reality_engine.accounts import repository, service
from reality_engine.accounts.access import PERSON, PUBLIC
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import (
    BadCredentialsError,
    EmailTakenError,
    RegistrationClosedError,
    TokenExpiredError,
    TokenReusedError,
    WeakPasswordError,
)
from reality_engine.accounts.passwords import require_strong
from reality_engine.accounts.proving import prove
from reality_engine.accounts.schemas import (
    ProfileRequest,
    RefreshRequest,
    RegisterRequest,
    TokenEnvelope,
    UserResponse,
)
from reality_engine.accounts.service import Grant, NewUser, Reuse
from reality_engine.kernel.errors import DeniedError, UnauthenticatedError
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(prefix="/auth", tags=["auth"])

_SIGNED_IN = responses(UnauthenticatedError, TokenExpiredError, DeniedError)


@router.post(
    "/register",
    status_code=201,
    dependencies=[PUBLIC],
    responses=responses(EmailTakenError, WeakPasswordError, RegistrationClosedError),
)
async def register(
    body: RegisterRequest, units: UnitsDep, clock: ClockDep, accounts: AccountsDep
) -> Envelope[UserResponse]:
    """Make an account."""
    if not accounts.settings.registration_open:
        raise RegistrationClosedError("this server takes no registrations", hint="ask its administrator")
    require_strong(body.password, body.email)
    new = NewUser(body.email, body.name, await accounts.passwords.hash(body.password))
    async with units.write() as unit:
        user = await service.register(unit, new, clock.now())
        await unit.commit()
    return Envelope(data=UserResponse.of(user))


@router.post("/token", dependencies=[PUBLIC], responses=responses(BadCredentialsError))
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    response: Response,
    units: UnitsDep,
    clock: ClockDep,
    accounts: AccountsDep,
) -> TokenEnvelope:
    """Log in with the e-mail address as `username` (OAuth2 password form)."""
    user = await prove(form.username, form.password, units, accounts)
    moment = clock.now()
    async with units.write() as unit:
        grant = await service.open_session(unit, user, accounts.settings.refresh_lifetime, moment)
        await unit.commit()
    return await _tokens(grant, moment, accounts, response)


@router.post("/refresh", dependencies=[PUBLIC], responses=responses(UnauthenticatedError, TokenReusedError))
async def refresh(
    body: RefreshRequest, response: Response, units: UnitsDep, clock: ClockDep, accounts: AccountsDep
) -> TokenEnvelope:
    """Get new tokens for the refresh token, which is used up. Using one twice ends the session."""
    moment = clock.now()
    async with units.write() as unit:
        outcome = await service.rotate(unit, body.refresh_token, accounts.settings.refresh_lifetime, moment)
        await unit.commit()
    if isinstance(outcome, Reuse):
        accounts.standings.forget_session(outcome.session)
        raise TokenReusedError("this refresh token was used before, so its session is over", hint="log in again")
    return await _tokens(outcome, moment, accounts, response)


@router.post("/logout", status_code=204, dependencies=[PERSON], responses=_SIGNED_IN)
async def log_out(principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, accounts: AccountsDep) -> None:
    """End the session of the access token, with all of its tokens."""
    session = principal.credential or ""
    async with units.write() as unit:
        await service.close_session(unit, session, clock.now())
        unit.after_commit(lambda: accounts.standings.forget_session(session))
        await unit.commit()


@router.get("/me", dependencies=[PERSON], responses=_SIGNED_IN)
async def me(principal: CurrentPrincipal, units: UnitsDep) -> Envelope[UserResponse]:
    """Show who the access token belongs to."""
    async with units.read() as unit:
        user = await repository.get_user(unit, principal.id)
    return Envelope(data=UserResponse.of(user))


@router.patch("/me", dependencies=[PERSON], responses=_SIGNED_IN)
async def change_me(
    body: ProfileRequest, principal: CurrentPrincipal, units: UnitsDep, accounts: AccountsDep
) -> Envelope[UserResponse]:
    """Change one's own name."""
    async with units.write() as unit:
        user = await service.rename(unit, principal.id, body.name)
        unit.after_commit(lambda: accounts.standings.forget_user(principal.id))
        await unit.commit()
    return Envelope(data=UserResponse.of(user))


async def _tokens(grant: Grant, moment: datetime, accounts: AccountContext, response: Response) -> TokenEnvelope:
    response.headers["Cache-Control"] = "no-store"
    access = await accounts.tokens.sign(grant.user.id, grant.session, moment)
    return TokenEnvelope.of(grant, access, int(accounts.tokens.lifetime.total_seconds()))
