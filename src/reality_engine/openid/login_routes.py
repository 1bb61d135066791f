"""The pages on which people prove who they are, for an application that sent them: by password, and by a code."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.caller import Caller, CallerDep
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.dependencies import AccountsDep
from reality_engine.accounts.logging_in import require_second_factor
from reality_engine.accounts.proving import prove
from reality_engine.accounts.user import User
from reality_engine.db.unit import Units
from reality_engine.factors.dependencies import FactorsDep
from reality_engine.factors.errors import SecondFactorRequiredError
from reality_engine.factors.factors import Factors
from reality_engine.kernel.errors import DeniedError, RealityError, TooManyRequestsError, UnauthenticatedError
from reality_engine.openid import redirects, service
from reality_engine.openid.context import OpenId, OpenIdDep
from reality_engine.openid.steps import PROOF, proof_in
from reality_engine.openid.visits import Visit, visit
from reality_engine.web.codes import status_of_error
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.errors import headers_of
from reality_engine.web.page_routes import PageRoute
from reality_engine.web.pages import Pages, PagesDep

_AUTHORIZE: Final = "/oauth/authorize"
# What is told on the page itself, so that people can try again.
_TOLD: Final = (UnauthenticatedError, DeniedError, TooManyRequestsError)
router = APIRouter(prefix="/oauth", route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """What it takes to find out who somebody is, and to begin their log-in."""

    accounts: AccountContext
    factors: Factors
    caller: Caller
    openid: OpenId
    units: Units


async def _desk(
    accounts: AccountsDep, factors: FactorsDep, caller: CallerDep, openid: OpenIdDep, units: UnitsDep
) -> Desk:
    return Desk(accounts, factors, caller, openid, units)


DeskDep = Annotated[Desk, Depends(_desk)]


@router.post("/login")
async def log_in_on_page(request: Request, desk: DeskDep, pages: PagesDep, clock: ClockDep) -> Response:
    """Log in by password, and go on with what the application asked for, or with the second factor."""
    fields, moment = await pages.sent(request), clock.now()
    found = await _visit(request, fields, desk, moment)
    if isinstance(found, Response):
        return found
    address = fields.get("username", "")
    try:
        user = await prove(address, fields.get("password", ""), desk.units, desk.accounts, desk.caller.network)
    except _TOLD as error:
        return login_page(request, pages, found, address, error)
    try:
        await require_second_factor(user.id, None, desk.units, desk.factors, moment)
    except SecondFactorRequiredError:
        return _factor_page(request, pages, found, desk.openid.logins.half(user.id, found.query, moment))
    return await _begun(request, desk, found, user, moment)


@router.post("/factor")
async def give_second_factor(request: Request, desk: DeskDep, pages: PagesDep, clock: ClockDep) -> Response:
    """Give the code that an account wants beside its password, typed a moment ago."""
    fields, moment = await pages.sent(request), clock.now()
    found = await _visit(request, fields, desk, moment)
    if isinstance(found, Response):
        return found
    half = fields.get("half", "")
    key = desk.openid.logins.half_of(half, found.query, moment)
    async with desk.units.read() as unit:
        user = None if key is None else await accounts.find_user(unit, key)
    if user is None:
        return to_authorize(request, found.query)
    try:
        await require_second_factor(user.id, fields.get("otp", "").strip(), desk.units, desk.factors, moment)
    except _TOLD as error:
        return _factor_page(request, pages, found, half, error)
    return await _begun(request, desk, found, user, moment)


def to_authorize(request: Request, query: str) -> Response:
    """Send somebody to where the application had sent them, since something is to be asked anew."""
    place = f"{request.scope.get('root_path', '')}{_AUTHORIZE}?{query}"
    return RedirectResponse(place, 303, {"Cache-Control": "no-store"})


def login_page(
    request: Request, pages: Pages, found: Visit, address: str = "", error: RealityError | None = None
) -> Response:
    """Ask for address and password."""
    held = found.standing.login
    known = address or found.wanted.login_hint or ("" if held is None else held.user.email)
    return _page(request, pages, "openid/login.html", found, error, address=known)


def _factor_page(
    request: Request, pages: Pages, found: Visit, half: str, error: RealityError | None = None
) -> Response:
    return _page(request, pages, "openid/factor.html", found, error, half=half)


def _page(
    request: Request, pages: Pages, template: str, found: Visit, error: RealityError | None, **values: Any
) -> Response:
    status = 200 if error is None else status_of_error(type(error))
    # Hints are for who writes programs.
    answer = pages.page(
        request, template, status=status, leads_to=[redirects.form_target(found.wanted.redirect)],
        application=found.wanted.client.name, query=found.query,
        problems=[] if error is None else [(error.message, None)], **values,
    )  # fmt: skip
    if isinstance(error, TooManyRequestsError):
        answer.headers.update(headers_of(error))
    return answer


async def _visit(request: Request, fields: dict[str, str], desk: Desk, moment: datetime) -> Visit | Response:
    async with desk.units.read() as unit:
        return await visit(request, fields.get("request", ""), desk.openid, unit, moment)


async def _begun(request: Request, desk: Desk, found: Visit, user: User, moment: datetime) -> Response:
    """Begin the log-in of the browser, and go on with what the application asked for."""
    logins = desk.openid.logins
    async with desk.units.write() as unit:
        session = await service.log_in(unit, user, logins.lifetime, moment, desk.caller, found.standing.login)
        await unit.commit()
    bare = proof_in(found.query, logins, None, moment)[1]
    response = to_authorize(request, f"{bare}&{urlencode({PROOF: logins.proof(session, bare, moment)})}")
    logins.keep(response, session, moment)
    return response
