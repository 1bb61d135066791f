"""Invites over HTTP: make, list, take back, show what one is to, accept; each change is a core action."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from starlette.requests import Request as Connection

from reality_engine.accounts.access import PERSON, PUBLIC, WORLD
from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.actions import service
from reality_engine.actions.dependencies import ActionsDep, ConditionsDep
from reality_engine.actions.performing import PerformingDep, refusal, shown
from reality_engine.actions.routes import ACTING, acting
from reality_engine.actions.schemas import ActRequest, ActResponse
from reality_engine.actions.wish import Wish
from reality_engine.invites.errors import InviteOverError
from reality_engine.invites.links import InviteLinks, no_invite
from reality_engine.invites.reading import invited_to
from reality_engine.invites.schemas import (
    AcceptedResponse,
    InviteRequest,
    InviteResponse,
    InviteTokenResponse,
    PreviewResponse,
    TokenRequest,
    preview_of,
)
from reality_engine.kernel.errors import NotFoundError, UnauthenticatedError
from reality_engine.packs.dependencies import PackCacheDep
from reality_engine.reads.dependencies import LookingDep, ReadingDep
from reality_engine.reads.view_as import VIEWING
from reality_engine.rules.decision import Request
from reality_engine.visibility import entities
from reality_engine.visibility.viewer import viewer_of
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

router = APIRouter(tags=["invites"])

_KIND: Final = "invite"
_LOOKING: Final = responses(UnauthenticatedError, *VIEWING, NotFoundError, BadCursorError)


async def _links(connection: Connection) -> InviteLinks:
    links: InviteLinks = connection.app.state.invites
    return links


LinksDep = Annotated[InviteLinks, Depends(_links)]


@router.post(
    "/worlds/{world}/invites",
    dependencies=[WORLD],
    response_model=Envelope[InviteTokenResponse],
    responses=ACTING,
)
async def create_invite(
    performing: PerformingDep, body: InviteRequest, links: LinksDep
) -> Envelope[InviteTokenResponse] | Envelope[ActResponse] | Response:
    """Make an invite (`member.invite`); for who manages the world. Whoever has the token may accept it."""
    answer = await performing.submit("member.invite", ActRequest(input=body.to_input()))
    if not answer.accepted:
        return shown(answer)
    return _carried(links, performing.world, next(one.id for one in answer.created if one.kind == _KIND))


@router.get("/worlds/{world}/invites", dependencies=[WORLD], responses=_LOOKING)
async def list_invites(look: LookingDep, page: PageDep) -> Envelope[list[InviteResponse]]:
    """List the invites that still hold, the newest first; for who manages the world. Nobody else sees any."""
    async with look.open() as (unit, viewer):
        before = look.resume(page, viewer, "invites")
        found = await entities.list_entities(unit, viewer, _KIND, page.limit + 1, before)
    shown_ = found[: page.limit]
    following = look.cursor(shown_[-1].id, viewer, "invites") if len(found) > page.limit else None
    return Envelope(data=[InviteResponse.of(view) for view in shown_], meta=page.meta(following))


@router.post("/worlds/{world}/invites/{invite}/token", dependencies=[WORLD], responses=_LOOKING)
async def make_invite_token(look: LookingDep, invite: PathId, links: LinksDep) -> Envelope[InviteTokenResponse]:
    """Make another token of an invite; for who manages the world. Those made before are as good as it."""
    async with look.open() as (unit, viewer):
        found = await entities.get_entity(unit, viewer, invite)
        if found.kind != _KIND or found.deleted:
            raise NotFoundError("there is no such invite")
    return _carried(links, look.world, invite)


@router.delete(
    "/worlds/{world}/invites/{invite}",
    dependencies=[WORLD],
    response_model=Envelope[ActResponse],
    responses=ACTING,
)
async def revoke_invite(performing: PerformingDep, invite: PathId) -> Envelope[ActResponse] | Response:
    """Take an invite back (`invite.revoke`); for who manages the world. No token of it is good any more."""
    return await performing.perform("invite.revoke", ActRequest(target=invite))


@router.post("/invites/preview", dependencies=[PUBLIC], responses=responses(InviteOverError))
async def preview_invite(
    body: TokenRequest, links: LinksDep, units: UnitsDep, packs: PackCacheDep
) -> Envelope[PreviewResponse]:
    """Show to what a token invites, to whoever has it."""
    world, invite = links.open(body.token)
    async with units.read() as unit:
        settings, found = await invited_to(unit, world, invite, packs)
    return Envelope(data=preview_of(world, settings, found))


@router.post(
    "/invites/accept",
    dependencies=[PERSON],
    response_model=Envelope[AcceptedResponse],
    responses=acting(InviteOverError),
)
async def accept_invite(
    body: TokenRequest, principal: CurrentPrincipal, links: LinksDep, units: UnitsDep, reading: ReadingDep,
    actions: ActionsDep, conditions: ConditionsDep,
) -> Envelope[AcceptedResponse] | Response:  # fmt: skip
    """Become a member by an invite (`member.accept`)."""
    world, invite = links.open(body.token)
    request = Request("member.accept", principal, target=invite, vouched=True)
    try:
        answer = await service.submit(actions, world, Wish(request, conditions.key))
    except NotFoundError as error:
        raise no_invite() from error
    if answer.code == NotFoundError.code:
        raise no_invite()
    if not answer.accepted:
        return refusal(answer)
    async with units.read() as unit:
        viewer = await viewer_of(unit, world, principal, reading.viewers)
    return Envelope(data=AcceptedResponse(world=world, roles=list(viewer.scope.roles)))


def _carried(links: InviteLinks, world: str, invite: str) -> Envelope[InviteTokenResponse]:
    return Envelope(data=InviteTokenResponse(invite=invite, token=links.token(world, invite)))
