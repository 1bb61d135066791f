"""Applications over HTTP, for who may say which there are: add, list, renew a secret, remove; nothing is decided."""

from typing import Final

from fastapi import APIRouter, Response

from reality_engine.accounts.access import holders_of
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.rights import Right
from reality_engine.kernel.errors import ConflictError, DeniedError, NotFoundError, ProblemsError, UnauthenticatedError
from reality_engine.openid import clients, repository
from reality_engine.openid.schemas import ClientRequest, ClientResponse, ClientSecretResponse
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ClockDep, CursorsDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

_LIST: Final = "clients"
router = APIRouter(
    prefix="/admin/clients",
    tags=["admin"],
    dependencies=[holders_of(Right.MANAGE_CLIENTS)],
    responses=responses(UnauthenticatedError, TokenExpiredError, DeniedError),
)


@router.post("", status_code=201, responses=responses(ProblemsError))
async def add_client(
    body: ClientRequest, response: Response, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep
) -> Envelope[ClientSecretResponse]:
    """Let an application log people in with their account here. Its secret is shown in this answer alone."""
    async with units.write() as unit:
        client, secret = await clients.add(unit, principal, body.new(), clock.now())
        await unit.commit()
    response.headers["Cache-Control"] = "no-store"
    return Envelope(data=ClientSecretResponse(client=ClientResponse.of(client), client_secret=secret))


@router.get("", responses=responses(BadCursorError))
async def list_clients(
    principal: CurrentPrincipal, page: PageDep, units: UnitsDep, cursors: CursorsDep
) -> Envelope[list[ClientResponse]]:
    """List the applications, those that were added first first."""
    after = str(cursors.open(page.cursor, _LIST, principal.id)) if page.cursor else ""
    async with units.read() as unit:
        found = await repository.list_clients(unit, page.limit + 1, page.skip, after)
        total = await repository.count_clients(unit) if page.total else None
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].id, _LIST, principal.id) if len(found) > page.limit else None
    return Envelope(data=[ClientResponse.of(one) for one in shown], meta=page.meta(following, total))


@router.post("/{client}/secret", responses=responses(NotFoundError, ConflictError))
async def renew_client_secret(
    client: PathId, response: Response, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep
) -> Envelope[ClientSecretResponse]:
    """Give an application another secret; the one before is good for nothing from now on."""
    async with units.write() as unit:
        changed, secret = await clients.renew_secret(unit, principal, client, clock.now())
        await unit.commit()
    response.headers["Cache-Control"] = "no-store"
    return Envelope(data=ClientSecretResponse(client=ClientResponse.of(changed), client_secret=secret))


@router.delete("/{client}", status_code=204, responses=responses(NotFoundError))
async def remove_client(
    client: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, accounts: AccountsDep
) -> None:
    """Remove an application: it logs nobody in any more, and every session that it has is over."""
    async with units.write() as unit:
        ended = await clients.remove(unit, principal, client, clock.now())
        await unit.commit()
    for session in ended:
        accounts.standings.forget_session(session)
