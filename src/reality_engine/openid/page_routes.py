"""The pages on which people log in for an application and agree to what it asks; what comes when is for `steps`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reality_engine.accounts.caller import Caller, CallerDep
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.dependencies import AccountsDep
from reality_engine.accounts.errors import EmailUnverifiedError
from reality_engine.accounts.logging_in import Typed, log_in
from reality_engine.db.unit import Units
from reality_engine.factors.dependencies import FactorsDep
from reality_engine.factors.errors import BadSecondFactorError, SecondFactorRequiredError
from reality_engine.factors.factors import Factors
from reality_engine.kernel.errors import RealityError, TooManyRequestsError, UnauthenticatedError
from reality_engine.openid import answers, redirects, service
from reality_engine.openid.context import OpenId, OpenIdDep
from reality_engine.openid.errors import RefusedRequestError
from reality_engine.openid.logins import Login
from reality_engine.openid.requests import AuthorizationRequest
from reality_engine.openid.scopes import MEANINGS
from reality_engine.openid.steps import PROOF, Step, proof_in
from reality_engine.openid.visits import Visit, visit
from reality_engine.web.codes import status_of_error
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.page_routes import PageRoute
from reality_engine.web.pages import Pages, PagesDep, fields_of

AUTHORIZE: Final = "/oauth/authorize"


@dataclass(frozen=True, slots=True)
class Proving:
    """What it takes to find out who somebody is, and from where they come."""

    accounts: AccountContext
    factors: Factors
    caller: Caller


async def _proving(accounts: AccountsDep, factors: FactorsDep, caller: CallerDep) -> Proving:
    return Proving(accounts, factors, caller)


ProvingDep = Annotated[Proving, Depends(_proving)]
router = APIRouter(prefix="/oauth", route_class=PageRoute, include_in_schema=False)


@router.get("/authorize")
async def authorize(request: Request, pages: PagesDep, openid: OpenIdDep, units: UnitsDep, clock: ClockDep) -> Response:
    """Log somebody in for an application, ask them what it may do, and send them back with a code."""
    moment = clock.now()
    async with units.read() as unit:
        found = await visit(request, request.scope["query_string"].decode("latin-1"), openid, unit, moment)
    if isinstance(found, Response):
        return found
    if found.standing.step is Step.LOG_IN or found.standing.login is None:
        return _login_page(request, pages, found)
    if found.standing.step is Step.AGREE:
        return _consent_page(request, pages, found, found.standing.login)
    return await _answered(found.wanted, found.standing.login, openid, units, moment)


@router.post("/authorize")
async def authorize_by_form(request: Request) -> Response:
    """Take the same as a form, from the application's own page (OpenID Connect Core, section 3.1.2.1)."""
    return _to_authorize(request, urlencode(await fields_of(request)))


@router.post("/login")
async def log_in_on_page(
    request: Request, proving: ProvingDep, pages: PagesDep, openid: OpenIdDep, units: UnitsDep, clock: ClockDep
) -> Response:
    """Log in on the page, and go on with what the application asked for."""
    fields = await pages.sent(request)
    query, moment = fields.get("request", ""), clock.now()
    async with units.read() as unit:
        found = await visit(request, query, openid, unit, moment)
    if isinstance(found, Response):
        return found
    address = fields.get("username", "")
    try:
        typed = Typed(address, fields.get("password", ""), fields.get("otp"))
        user = await log_in(typed, units, proving.accounts, proving.factors, moment)
    except (UnauthenticatedError, EmailUnverifiedError, TooManyRequestsError) as error:
        return _login_page(request, pages, found, address, error)
    async with units.write() as unit:
        session = await service.log_in(unit, user, openid.logins.lifetime, moment, proving.caller, found.standing.login)
        await unit.commit()
    bare = proof_in(query, openid.logins, None, moment)[1]
    response = _to_authorize(request, f"{bare}&{urlencode({PROOF: openid.logins.proof(session, bare, moment)})}")
    openid.logins.keep(response, session, moment)
    return response


@router.post("/consent")
async def agree(request: Request, pages: PagesDep, openid: OpenIdDep, units: UnitsDep, clock: ClockDep) -> Response:
    """Take somebody's answer to what an application asks for, and send them back with it."""
    fields, moment = await pages.sent(request), clock.now()
    async with units.read() as unit:
        found = await visit(request, fields.get("request", ""), openid, unit, moment)
    if isinstance(found, Response):
        return found
    wanted, login = found.wanted, found.standing.login
    # The page may have been shown to somebody else, who has gone since, or too long ago.
    if found.standing.step is Step.LOG_IN or login is None or fields.get("user") != login.user.id:
        return _to_authorize(request, found.query)
    if fields.get("decision") != "allow":
        refusal = RefusedRequestError("access_denied", "they did not allow it")
        return answers.refused(wanted.redirect, wanted.state, openid.issuer, refusal)
    return await _answered(wanted, login, openid, units, moment, agreed=True)


async def _answered(
    wanted: AuthorizationRequest, login: Login, openid: OpenId, units: Units, moment: datetime, *, agreed: bool = False
) -> Response:
    async with units.write() as unit:
        if agreed:
            await service.agree(unit, wanted, login.user, moment)
        code = await service.give_code(unit, wanted, login, moment)
        await unit.commit()
    return answers.sent_back(wanted.redirect, wanted.state, openid.issuer, code=code)


def _to_authorize(request: Request, query: str) -> Response:
    return RedirectResponse(
        f"{request.scope.get('root_path', '')}{AUTHORIZE}?{query}", 303, {"Cache-Control": "no-store"}
    )


def _login_page(
    request: Request, pages: Pages, found: Visit, address: str = "", error: RealityError | None = None
) -> Response:
    held = found.standing.login
    return pages.page(
        request,
        "openid/login.html",
        status=200 if error is None else status_of_error(type(error)),
        leads_to=[redirects.form_target(found.wanted.redirect)],
        application=found.wanted.client.name,
        query=found.query,
        address=address or found.wanted.login_hint or ("" if held is None else held.user.email),
        asks_code=isinstance(error, SecondFactorRequiredError | BadSecondFactorError | TooManyRequestsError),
        problems=[] if error is None else [(error.message, error.hint)],
    )


def _consent_page(request: Request, pages: Pages, found: Visit, login: Login) -> Response:
    wanted = found.wanted
    return pages.page(
        request,
        "openid/consent.html",
        leads_to=[redirects.form_target(wanted.redirect)],
        application=wanted.client.name,
        place=redirects.shown_place(wanted.redirect),
        meanings=[MEANINGS[scope] for scope in wanted.scopes],
        query=found.query,
        user=login.user,
    )
