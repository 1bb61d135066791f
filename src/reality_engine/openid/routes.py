"""What one allows applications, over HTTP: list, withdraw; nothing is decided here."""

from fastapi import APIRouter

from reality_engine.accounts.access import PERSON
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.openid import repository, service
from reality_engine.openid.schemas import ConsentResponse
from reality_engine.web.bodies import PathId
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(
    prefix="/auth/consents",
    tags=["auth"],
    dependencies=[PERSON],
    responses=responses(UnauthenticatedError, TokenExpiredError, DeniedError),
)


@router.get("")
async def list_consents(principal: CurrentPrincipal, units: UnitsDep) -> Envelope[list[ConsentResponse]]:
    """List the applications that you allow something, and what."""
    async with units.read() as unit:
        found = await repository.list_consents(unit, principal.id)
    return Envelope(data=[ConsentResponse.of(one) for one in found])


@router.delete("/{client}", status_code=204, responses=responses(NotFoundError))
async def withdraw_consent(
    client: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, accounts: AccountsDep
) -> None:
    """Allow an application nothing any more; every session that it has of yours is over."""
    async with units.write() as unit:
        ended = await service.withdraw(unit, principal, client, clock.now())
        await unit.commit()
    for session in ended:
        accounts.standings.forget_session(session)
