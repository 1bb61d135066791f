"""Invites to this server over HTTP; nothing is decided here but who may see them."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter

from reality_engine.accounts import inviting
from reality_engine.accounts.access import holders_of
from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.joining_schemas import InviteRequest, InviteResponse, NewInviteResponse
from reality_engine.accounts.rights import Right
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.mail.dependencies import MailDep
from reality_engine.tickets import repository as tickets
from reality_engine.tickets.repository import Part
from reality_engine.tickets.ticket import Use
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ClockDep, CursorsDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

_LIST: Final = "server invites"

router = APIRouter(
    prefix="/admin/invites",
    tags=["admin"],
    dependencies=[holders_of(Right.MANAGE_INVITES)],
    responses=responses(UnauthenticatedError, TokenExpiredError, DeniedError),
)


@router.post("", status_code=201)
async def make_server_invite(
    body: InviteRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, mail: MailDep
) -> Envelope[NewInviteResponse]:
    """Invite people to make accounts here: whoever has the link, or the one with this address."""
    lasts = timedelta(days=body.days)
    ticket = inviting.drawn(principal, body.email, body.uses, lasts, body.role, clock.now())
    async with units.write() as unit:
        await inviting.make(unit, ticket, principal, send=mail.delivery is not None)
        await unit.commit()
    token, link = mail.links.token(Use.INVITE, ticket.id), mail.links.to(inviting.PAGE, Use.INVITE, ticket.id)
    return Envelope(data=NewInviteResponse.made(ticket, token, link))


@router.get("", responses=responses(BadCursorError))
async def list_server_invites(
    principal: CurrentPrincipal, page: PageDep, units: UnitsDep, clock: ClockDep, cursors: CursorsDep
) -> Envelope[list[InviteResponse]]:
    """List the invites that are still good, the newest first."""
    before = str(cursors.open(page.cursor, _LIST, principal.id)) if page.cursor else None
    async with units.read() as unit:
        found = await tickets.list_of(unit, Use.INVITE, clock.now(), Part(page.limit + 1, page.skip, before))
        total = await tickets.count_of(unit, Use.INVITE, clock.now()) if page.total else None
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].id, _LIST, principal.id) if len(found) > page.limit else None
    return Envelope(data=[InviteResponse.of(one) for one in shown], meta=page.meta(following, total))


@router.delete("/{invite}", status_code=204, responses=responses(NotFoundError))
async def revoke_server_invite(invite: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep) -> None:
    """Revoke an invite; who has used it stays."""
    async with units.write() as unit:
        await inviting.revoke(unit, invite, principal, clock.now())
        await unit.commit()
