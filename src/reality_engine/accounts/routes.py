"""Accounts over HTTP: who one is; nothing is decided here."""

from fastapi import APIRouter

from reality_engine.accounts import factor_routes, repository, service, session_routes, token_routes
from reality_engine.accounts.access import PERSON
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.schemas import ProfileRequest, UserResponse
from reality_engine.kernel.errors import DeniedError, UnauthenticatedError
from reality_engine.web.dependencies import UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(prefix="/auth", tags=["auth"])

_SIGNED_IN = responses(UnauthenticatedError, TokenExpiredError, DeniedError)


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
router.include_router(factor_routes.router)
