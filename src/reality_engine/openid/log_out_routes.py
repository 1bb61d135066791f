"""Logging out here, at an application's wish or one's own (OpenID Connect RP-Initiated Logout); the pages of it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reality_engine.accounts.dependencies import AccountsDep
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import InvalidError
from reality_engine.kernel.ids import is_id
from reality_engine.openid import answers, redirects, repository, service
from reality_engine.openid.context import OpenId, OpenIdDep
from reality_engine.openid.id_tokens import Hint
from reality_engine.openid.logins import Login
from reality_engine.openid.requests import MAX_STATE, parameters_of
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.page_routes import PageRoute
from reality_engine.web.pages import Pages, PagesDep, fields_of

router = APIRouter(prefix="/oauth", route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application says when it sends somebody here to log out; `onward` is where they go then."""

    hint: Hint | None
    onward: str | None


@router.api_route("/logout", methods=["GET", "POST"])
async def log_out_on_page(
    request: Request, pages: PagesDep, openid: OpenIdDep, accounts: AccountsDep, units: UnitsDep, clock: ClockDep
) -> Response:
    """Log a browser out: at once where an application's ID token says who, and after a question where none does."""
    moment, given = clock.now(), await _given(request)
    sure = "sure" in given
    if sure:
        await pages.sent(request)
    elif request.method == "POST":
        # Browsers keep back the cookie that says who is logged in when another site sends a form.
        return RedirectResponse(f"{request.scope.get('root_path', '')}/oauth/logout?{urlencode(given)}", 303)
    hint = await openid.tokens.hint(given.get("id_token_hint", ""), moment)
    async with units.read() as unit:
        login = await openid.logins.of(request, unit, moment)
        wish = Wish(hint, await _onward(unit, given, hint))
    if login is not None and not sure and (hint is None or hint.user != login.user.id):
        return _question(request, pages, given, login, wish)
    ended: list[str] = []
    if login is not None:
        async with units.write() as unit:
            ended = await service.log_out(unit, login, moment)
            await unit.commit()
    for session in ended:
        accounts.standings.forget_session(session)
    return _gone(request, pages, openid, wish)


async def _given(request: Request) -> dict[str, str]:
    """Return what an application sent, in the address or as a form, or what stands in our own question."""
    if request.method == "POST":
        return await fields_of(request)
    parameters, repeated = parameters_of(request.scope["query_string"].decode("latin-1"))
    if repeated:
        raise InvalidError(f"{min(repeated)[:50]} is there more than once")
    return {name: value for name, value in parameters.items() if name != "sure"}


async def _onward(unit: ReadUnit, given: dict[str, str], hint: Hint | None) -> str | None:
    """Return where somebody goes when they have logged out; raises InvalidError where that is not registered."""
    address, named = given.get("post_logout_redirect_uri"), given.get("client_id")
    if hint is not None and named not in (None, hint.client):
        raise InvalidError("client_id and id_token_hint are of different applications", field="client_id")
    if not address:
        return None
    key = hint.client if hint is not None else named or ""
    client = await repository.find_client(unit, key) if is_id(key) else None
    if client is None or address not in client.after_log_out or len(given.get("state", "")) > MAX_STATE:
        message = "the application asks to send you to an address that is not registered for it"
        raise InvalidError(message, field="post_logout_redirect_uri", hint="tell whoever runs the application")
    return answers.with_query(address, {"state": given["state"]}) if given.get("state") else address


def _question(request: Request, pages: Pages, given: dict[str, str], login: Login, wish: Wish) -> Response:
    # What is not asked for again by its name is dropped: the page says who is logged in.
    kept = {name: given[name] for name in ("client_id", "post_logout_redirect_uri", "state") if name in given}
    if wish.hint is not None:
        kept["client_id"] = wish.hint.client
    leads_to = [redirects.form_target(wish.onward)] if wish.onward else []
    return pages.page(request, "openid/log_out.html", leads_to=leads_to, kept=kept, user=login.user)


def _gone(request: Request, pages: Pages, openid: OpenId, wish: Wish) -> Response:
    if wish.onward is None:
        title, message = "You have logged out", "You can close this page."
        answer = pages.page(request, "message.html", title=title, message=message, onward=None)
    else:
        answer = RedirectResponse(wish.onward, 303, {"Cache-Control": "no-store"})
    openid.logins.drop(answer)
    return answer
