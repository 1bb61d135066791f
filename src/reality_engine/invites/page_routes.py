"""The page that the letter with an invite leads to; whoever opens it is told what it is to, and changes nothing."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from reality_engine.invites.dependencies import OpeningDep
from reality_engine.invites.opening import opened
from reality_engine.invites.reading import invited_to
from reality_engine.packs.dependencies import PackCacheDep
from reality_engine.web.dependencies import ContextDep
from reality_engine.web.page_routes import PageRoute
from reality_engine.web.pages import PagesDep

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/invite")
async def invite_page(
    request: Request, pages: PagesDep, opening: OpeningDep, context: ContextDep, packs: PackCacheDep, token: str = ""
) -> Response:
    """Show what somebody is invited to."""
    async with context.units.read() as unit:
        world, invite = await opened(unit, token, *opening, context.clock.now())
        settings, _ = await invited_to(unit, world, invite, packs)
    message = (
        f"You are invited to “{settings.fields.get('title', '')}”. To accept, open this address in the application "
        "that you use with this server, logged in to an account with the e-mail address that the letter came to."
    )
    return pages.page(request, "message.html", title="You are invited to a world", message=message, onward=None)
