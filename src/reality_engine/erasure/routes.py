"""Erasing people over HTTP: oneself, or anybody by the server's administrators; nothing is decided here."""

import asyncio
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.access import PERSON, holders_of
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import BadCredentialsError, TokenExpiredError
from reality_engine.accounts.proving import prove_again
from reality_engine.accounts.rights import Right
from reality_engine.erasure import repository
from reality_engine.erasure.repository import Erasure
from reality_engine.erasure.schemas import ErasedMeResponse, EraseMeRequest, ErasureResponse
from reality_engine.erasure.service import Erasures
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.kernel.principal import Principal
from reality_engine.web.bodies import PathId
from reality_engine.web.dependencies import UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(tags=["erasure"])

# Whoever asked is answered after so many seconds at the latest; the work goes on.
PATIENCE: Final = 20.0
_SIGNED_IN: Final = (UnauthenticatedError, TokenExpiredError)
_ADMIN: Final = holders_of(Right.MANAGE_USERS)


async def _erasures(request: Request) -> Erasures:
    erasures: Erasures = request.app.state.erasures
    return erasures


ErasuresDep = Annotated[Erasures, Depends(_erasures)]


@router.post(
    "/auth/me/erasure", dependencies=[PERSON], responses=responses(*_SIGNED_IN, DeniedError, BadCredentialsError)
)
async def erase_me(
    body: EraseMeRequest, principal: CurrentPrincipal, erasures: ErasuresDep, accounts_: AccountsDep, units: UnitsDep
) -> Envelope[ErasedMeResponse]:
    """Erase yourself: your account, and what is said of you in every world. It cannot be taken back.

    What fields a pack declares to be `personal` is erased of your entities, and what you wrote in actions of yours.
    """
    async with units.read() as unit:
        stored = await accounts.get_password_hash(unit, principal.id)
    # Who logs in elsewhere has no password to give.
    if stored and not await prove_again(principal.id, body.password or "", stored, accounts_):
        raise BadCredentialsError("the password is wrong", field="password")
    return Envelope(data=ErasedMeResponse.of(await _erased(erasures, principal.id, principal, units)))


@router.post(
    "/admin/users/{user}/erasure", dependencies=[_ADMIN], responses=responses(*_SIGNED_IN, DeniedError, NotFoundError)
)
async def erase_user(
    user: PathId, principal: CurrentPrincipal, erasures: ErasuresDep, units: UnitsDep
) -> Envelope[ErasureResponse]:
    """Erase somebody: their account, and what is said of them in every world. It cannot be taken back.

    Asking again goes on with what was interrupted, and erases what was said since.
    """
    return Envelope(data=ErasureResponse.of(await _erased(erasures, user, principal, units)))


@router.get(
    "/admin/users/{user}/erasure",
    dependencies=[_ADMIN],
    responses=responses(*_SIGNED_IN, DeniedError, NotFoundError),
)
async def show_erasure(user: PathId, units: UnitsDep) -> Envelope[ErasureResponse]:
    """Show what was erased of somebody, by whom and when."""
    async with units.read() as unit:
        found = await repository.find(unit, user)
    if found is None:
        raise NotFoundError("nobody with this id was erased")
    return Envelope(data=ErasureResponse.of(found))


async def _erased(erasures: Erasures, user: str, by: Principal, units: UnitsDep) -> Erasure:
    """Erase somebody, and return how far that is after a while."""
    task = erasures.begin(user, by)
    try:
        return await asyncio.wait_for(asyncio.shield(task), PATIENCE)
    except TimeoutError:
        async with units.read() as unit:
            found = await repository.find(unit, user)
    return await task if found is None else replace(found, finished_at=None)
