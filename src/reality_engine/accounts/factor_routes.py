"""The second factor over HTTP, for oneself: set up, confirm, renew its codes, remove; nothing is decided here."""

from typing import Final

from fastapi import APIRouter

from reality_engine.accounts import repository, sessions
from reality_engine.accounts.access import PERSON
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import BadCredentialsError, TokenExpiredError
from reality_engine.accounts.factor_schemas import (
    BegunResponse,
    CodesResponse,
    ConfirmRequest,
    FactorRequest,
    FactorResponse,
    ProvedRequest,
)
from reality_engine.accounts.logging_in import require_second_factor
from reality_engine.accounts.proving import prove_again
from reality_engine.db.unit import Units
from reality_engine.factors.dependencies import FactorsDep
from reality_engine.factors.errors import BadSecondFactorError, FactorExistsError, SecondFactorRequiredError
from reality_engine.kernel.errors import (
    DeniedError,
    NotFoundError,
    RealityError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from reality_engine.kernel.principal import Principal
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

_SIGNED_IN: Final = (UnauthenticatedError, TokenExpiredError, DeniedError)
_PROVED: Final = (
    *_SIGNED_IN, BadCredentialsError, SecondFactorRequiredError, BadSecondFactorError, TooManyRequestsError,
    NotFoundError,
)  # fmt: skip
router = APIRouter(prefix="/factor", tags=["auth"], dependencies=[PERSON])


@router.get("", responses=responses(*_SIGNED_IN))
async def show_factor(principal: CurrentPrincipal, units: UnitsDep, factors: FactorsDep) -> Envelope[FactorResponse]:
    """Show whether one has a second factor, and how many recovery codes are left."""
    async with units.read() as unit:
        held = await factors.held(unit, principal.id)
    return Envelope(data=FactorResponse.of(held))


@router.post("", status_code=201, responses=responses(*_SIGNED_IN, BadCredentialsError, FactorExistsError))
async def begin_factor(
    body: FactorRequest,
    principal: CurrentPrincipal,
    units: UnitsDep,
    clock: ClockDep,
    accounts: AccountsDep,
    factors: FactorsDep,
) -> Envelope[BegunResponse]:
    """Get a secret for an authenticator (TOTP). It is asked for once a code out of it has been confirmed."""
    name = await _prove_again(principal, body.password, units, accounts)
    async with units.write() as unit:
        begun = await factors.begin(unit, principal.id, name, clock.now())
        await unit.commit()
    return Envelope(data=BegunResponse(secret=begun.secret, uri=begun.address))


@router.post(
    "/confirm",
    responses=responses(*_SIGNED_IN, BadSecondFactorError, TooManyRequestsError, NotFoundError, FactorExistsError),
)
async def confirm_factor(
    body: ConfirmRequest,
    principal: CurrentPrincipal,
    units: UnitsDep,
    clock: ClockDep,
    accounts: AccountsDep,
    factors: FactorsDep,
) -> Envelope[CodesResponse]:
    """Have the second factor asked for from now on. One's other sessions end, and recovery codes are shown once."""
    now = clock.now()
    async with units.write() as unit:
        outcome = await factors.confirm(unit, principal, body.otp, now)
        if not isinstance(outcome, RealityError):
            await sessions.end_sessions_of(unit, principal.id, now, but=principal.credential)
            unit.after_commit(lambda: accounts.standings.forget_user(principal.id))
        await unit.commit()
    if isinstance(outcome, RealityError):
        raise outcome
    return Envelope(data=CodesResponse(recovery_codes=outcome))


@router.post("/recovery", responses=responses(*_PROVED))
async def renew_recovery_codes(
    body: ProvedRequest,
    principal: CurrentPrincipal,
    units: UnitsDep,
    clock: ClockDep,
    accounts: AccountsDep,
    factors: FactorsDep,
) -> Envelope[CodesResponse]:
    """Get other recovery codes; those before are good for nothing."""
    await _prove_again(principal, body.password, units, accounts)
    await require_second_factor(principal.id, body.otp, units, factors, clock.now())
    async with units.write() as unit:
        codes = await factors.renew_codes(unit, principal, clock.now())
        await unit.commit()
    return Envelope(data=CodesResponse(recovery_codes=codes))


@router.post("/removal", status_code=204, responses=responses(*_PROVED))
async def remove_factor(
    body: ProvedRequest,
    principal: CurrentPrincipal,
    units: UnitsDep,
    clock: ClockDep,
    accounts: AccountsDep,
    factors: FactorsDep,
) -> None:
    """Be asked for no second factor any more."""
    await _prove_again(principal, body.password, units, accounts)
    await require_second_factor(principal.id, body.otp, units, factors, clock.now())
    async with units.write() as unit:
        await factors.remove(unit, principal, principal.id, clock.now())
        await unit.commit()


async def _prove_again(principal: Principal, password: str, units: Units, accounts: AccountContext) -> str:
    """Return the address of whoever asks, who has typed their password again: a session alone may be a thief's."""
    async with units.read() as unit:
        user = await repository.get_user(unit, principal.id)
    if user.email is None:
        raise BadCredentialsError("this account has no password", hint="where it logs in is where to secure it")
    async with units.read() as unit:
        stored = await repository.get_password_hash(unit, principal.id)
    if not await prove_again(principal.id, password, stored, accounts):
        raise BadCredentialsError("the password is wrong", field="password")
    return user.email
