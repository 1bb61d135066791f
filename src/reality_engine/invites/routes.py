"""Invites over HTTP: make, list, take back, show what one is to, accept; each change is a core action."""

from typing import Final

from fastapi import APIRouter, Response

from reality_engine.accounts.access import PERSON, PUBLIC, WORLD
from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.actions import service
from reality_engine.actions.answer import Answer
from reality_engine.actions.dependencies import ActionsDep, ConditionsDep
from reality_engine.actions.performing import PerformingDep, refusal, shown
from reality_engine.actions.routes import ACTING, acting
from reality_engine.actions.schemas import ActRequest, ActResponse
from reality_engine.actions.wish import Wish
from reality_engine.invites import addressed
from reality_engine.invites.addressed import Addressed
from reality_engine.invites.dependencies import LinksDep
from reality_engine.invites.errors import InviteOverError
from reality_engine.invites.links import InviteLinks, no_invite
from reality_engine.invites.opening import opened, vouching
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
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.kernel.granting import InsufficientScopeError, require_granted
from reality_engine.mail.dependencies import MailDep
from reality_engine.packs.dependencies import PackCacheDep
from reality_engine.reads.dependencies import LookingDep, ReadingDep
from reality_engine.reads.view_as import VIEWING, ViewAsReadsOnlyError
from reality_engine.rules.decision import Request
from reality_engine.visibility import entities
from reality_engine.visibility.viewer import viewer_of
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

router = APIRouter(tags=["invites"])

_KIND: Final = "invite"
_LOOKING: Final = responses(UnauthenticatedError, *VIEWING, NotFoundError, BadCursorError)

_MAKING: Final = responses(
    UnauthenticatedError, *VIEWING, ViewAsReadsOnlyError, DeniedError, InsufficientScopeError, NotFoundError
)
_INVITING: Final = "member.invite"


@router.post(
    "/worlds/{world}/invites",
    dependencies=[WORLD],
    response_model=Envelope[InviteTokenResponse],
    responses=ACTING,
)
async def create_invite(
    performing: PerformingDep, body: InviteRequest, links: LinksDep, mail: MailDep, units: UnitsDep, clock: ClockDep
) -> Envelope[InviteTokenResponse] | Envelope[ActResponse] | Response:
    """Make an invite (`member.invite`); for who manages the world. Whoever has the token may accept it.

    With an address only an account that has verified it may, and a letter is sent there. The address is kept beside the
    world and not in its log.
    """
    moment, world, given = clock.now(), performing.world, body.to_input()
    if body.email is not None:
        async with units.read() as unit:
            await addressed.require_room(unit, body.email, moment)
        given |= {"address": links.digest(world, body.email)}
    answer = await performing.submit(_INVITING, ActRequest(input=given))
    if not answer.accepted:
        return shown(answer)
    invite = next(one.id for one in answer.created if one.kind == _KIND)
    if body.email is not None:
        async with units.write() as unit:
            new = Addressed(world, invite, body.email, body.expires_at or moment + addressed.LASTS)
            await addressed.keep(unit, new, moment, send=mail.delivery is not None)
            await unit.commit()
    return _carried(links, world, invite)


@router.get("/worlds/{world}/invites", dependencies=[WORLD], responses=_LOOKING)
async def list_invites(look: LookingDep, page: PageDep) -> Envelope[list[InviteResponse]]:
    """List the invites that still hold, the newest first; for who manages the world. Nobody else sees any."""
    async with look.open() as (unit, viewer):
        before = look.resume(page, viewer, "invites")
        found = await entities.list_entities(unit, viewer, _KIND, page.limit + 1, before)
        # Who sees everything sees invites too; whose address one is for stays between those who manage the world.
        shows = viewer.scope.admin and look.view_as is None
        emails = await addressed.emails_of(unit, [view.id for view in found]) if shows else {}
    shown_ = found[: page.limit]
    following = look.cursor(shown_[-1].id, viewer, "invites") if len(found) > page.limit else None
    return Envelope(data=[InviteResponse.of(view, emails.get(view.id)) for view in shown_], meta=page.meta(following))


@router.post("/worlds/{world}/invites/{invite}/token", dependencies=[WORLD], responses=_MAKING)
async def make_invite_token(look: LookingDep, invite: PathId, links: LinksDep) -> Envelope[InviteTokenResponse]:
    """Make another token of an invite; for who manages the world. Those made before are as good as it."""
    look.require_own_eyes()
    async with look.open() as (unit, viewer):
        found = await entities.get_entity(unit, viewer, invite)
        if found.kind != _KIND or found.deleted:
            raise NotFoundError("there is no such invite")
        # To see an invite, as those do who see everything, is not to let others in by it.
        if not viewer.scope.admin:
            raise DeniedError("only who manages the world lets others in by its invites")
    require_granted(look.principal, _INVITING, look.world, can_wait=False)
    return _carried(links, look.world, invite)


@router.delete(
    "/worlds/{world}/invites/{invite}",
    dependencies=[WORLD],
    response_model=Envelope[ActResponse],
    responses=ACTING,
)
async def revoke_invite(performing: PerformingDep, invite: PathId, units: UnitsDep) -> Envelope[ActResponse] | Response:
    """Take an invite back (`invite.revoke`); for who manages the world. No token of it is good any more."""
    answer = await performing.answer("invite.revoke", ActRequest(target=invite))
    if isinstance(answer, Answer) and answer.accepted:
        async with units.write() as unit:
            await addressed.forget(unit, invite)
            await unit.commit()
    return shown(answer)


@router.post("/invites/preview", dependencies=[PUBLIC], responses=responses(InviteOverError))
async def preview_invite(
    body: TokenRequest, links: LinksDep, mail: MailDep, units: UnitsDep, clock: ClockDep, packs: PackCacheDep
) -> Envelope[PreviewResponse]:
    """Show to what a token invites, to whoever has it."""
    async with units.read() as unit:
        world, invite = await opened(unit, body.token, links, mail.links, clock.now())
        settings, found = await invited_to(unit, world, invite, packs)
    return Envelope(data=preview_of(world, settings, found))


@router.post(
    "/invites/accept",
    dependencies=[PERSON],
    response_model=Envelope[AcceptedResponse],
    responses=acting(InviteOverError),
)
async def accept_invite(
    body: TokenRequest, principal: CurrentPrincipal, links: LinksDep, mail: MailDep, units: UnitsDep, clock: ClockDep,
    reading: ReadingDep, actions: ActionsDep, conditions: ConditionsDep,
) -> Envelope[AcceptedResponse] | Response:  # fmt: skip
    """Become a member by an invite (`member.accept`)."""
    async with units.read() as unit:
        world, invite = await opened(unit, body.token, links, mail.links, clock.now())
        given = await vouching(unit, world, invite, principal, links)
    request = Request("member.accept", principal, target=invite, input=given, vouched=True)
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
