"""Accounts over HTTP: register, me; nothing is decided here."""

from fastapi import APIRouter

from reality_engine.accounts import repository, service, session_routes, token_routes
from reality_engine.accounts.access import PERSON, PUBLIC
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import (
    EmailTakenError,
    RegistrationClosedError,
    TokenExpiredError,
    WeakPasswordError,
)
from reality_engine.accounts.passwords import require_strong
from reality_engine.accounts.schemas import (
    ProfileRequest,
    RegisterRequest,
    UserResponse,
)
from reality_engine.accounts.service import NewUser
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


router.include_router(token_routes.router)
router.include_router(session_routes.router)
