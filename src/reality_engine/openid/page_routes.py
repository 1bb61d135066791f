"""Where an application sends people, and the page on which they agree; what comes when is for `steps`."""

from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from reality_engine.db.unit import Units
from reality_engine.openid import answers, redirects, service
from reality_engine.openid.context import OpenId, OpenIdDep
from reality_engine.openid.errors import RefusedRequestError
from reality_engine.openid.login_routes import login_page, to_authorize
from reality_engine.openid.logins import Login
from reality_engine.openid.requests import AuthorizationRequest
from reality_engine.openid.scopes import MEANINGS
from reality_engine.openid.steps import Step
from reality_engine.openid.visits import Visit, visit
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.page_routes import PageRoute
from reality_engine.web.pages import Pages, PagesDep, fields_of

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
        return login_page(request, pages, found)
    if found.standing.step is Step.AGREE:
        return _consent_page(request, pages, found, found.standing.login)
    return await _answered(found.wanted, found.standing.login, openid, units, moment)


@router.post("/authorize")
async def authorize_by_form(request: Request) -> Response:
    """Take the same as a form, from the application's own page (OpenID Connect Core, section 3.1.2.1)."""
    return to_authorize(request, urlencode(await fields_of(request)))


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
        return to_authorize(request, found.query)
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
