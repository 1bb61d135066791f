"""The members of a world over HTTP: list, add, change roles, remove; each change is a core action."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.access import WORLD
from reality_engine.actions.performing import PerformingDep, shown
from reality_engine.actions.routes import ACTING
from reality_engine.actions.schemas import ActRequest, ActResponse
from reality_engine.bots import repository as bots
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.errors import NotFoundError, UnauthenticatedError
from reality_engine.kernel.ids import is_id
from reality_engine.members.schemas import AddMemberRequest, MemberResponse, RolesRequest, ViewAsResponse
from reality_engine.reads.dependencies import LookingDep, ReadingDep
from reality_engine.reads.view_as import VIEWING
from reality_engine.visibility import entities
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

router = APIRouter(prefix="/worlds/{world}/members", tags=["members"], dependencies=[WORLD])


@router.get("", responses=responses(UnauthenticatedError, *VIEWING, NotFoundError, BadCursorError))
async def list_members(look: LookingDep, page: PageDep) -> Envelope[list[MemberResponse]]:
    """List the members that you may see, the newest first."""
    async with look.open() as (unit, viewer):
        before = look.resume(page, viewer, "members")
        found = await entities.list_entities(unit, viewer, "member", page.limit + 1, before)
    shown = found[: page.limit]
    following = look.cursor(shown[-1].id, viewer, "members") if len(found) > page.limit else None
    return Envelope(data=[MemberResponse.of(view) for view in shown], meta=page.meta(following))


@router.post("/{member}/view-as", response_model=Envelope[ViewAsResponse], responses=ACTING)
async def view_as(
    performing: PerformingDep, reading: ReadingDep, member: PathId
) -> Envelope[ViewAsResponse] | Envelope[ActResponse] | Response:
    """Begin to look with a member's eyes (`world.view_as`, logged); for roles that see everything.

    Send the token as `X-View-As` with any read of this world. It lasts 15 minutes, while you see everything.
    """
    answer = await performing.submit("world.view_as", ActRequest(target=member))
    if not answer.accepted:
        return shown(answer)
    begun = from_text(str(answer.events[0]["at"]))
    token, until = reading.view_as.token(performing.principal.id, performing.world, member, begun)
    return Envelope(data=ViewAsResponse(member=member, token=token, expires_at=until))


@router.post("", response_model=Envelope[ActResponse], responses=ACTING)
async def add_member(
    performing: PerformingDep, look: LookingDep, body: AddMemberRequest
) -> Envelope[ActResponse] | Response:
    """Make a user or a bot a member (`member.add`); only those who manage the world may ask whether there is one."""
    async with look.open() as (unit, viewer):
        added = await _added(unit, body) if viewer.scope.admin else _Added("")
    given = {"user": added.id, "name": added.name, "roles": body.roles}
    wish = ActRequest(input={name: value for name, value in given.items() if value is not None})
    return await performing.perform("member.add", wish)


@router.patch("/{member}", response_model=Envelope[ActResponse], responses=ACTING)
async def change_roles(
    performing: PerformingDep, member: PathId, body: RolesRequest
) -> Envelope[ActResponse] | Response:
    """Give a member other roles (`member.roles`)."""
    return await performing.perform("member.roles", ActRequest(target=member, input={"roles": body.roles}))


@router.delete("/{member}", response_model=Envelope[ActResponse], responses=ACTING)
async def remove_member(performing: PerformingDep, member: PathId) -> Envelope[ActResponse] | Response:
    """Remove a member, or leave (`member.remove`)."""
    return await performing.perform("member.remove", ActRequest(target=member))


@dataclass(frozen=True, slots=True)
class _Added:
    """Who is to be made a member."""

    id: str
    name: str | None = None


async def _added(unit: ReadUnit, body: AddMemberRequest) -> _Added:
    if body.email is not None:
        user = await accounts.find_user_by_email(unit, body.email)
        if user is None:
            raise NotFoundError("there is no account with this address", field="email", hint="they register first")
        return _Added(user.id, user.name)
    bot = await bots.find_bot(unit, body.bot) if body.bot is not None and is_id(body.bot) else None
    if bot is None:
        raise NotFoundError("there is no bot with this id", field="bot", hint="its owner makes it at /api/v1/bots")
    return _Added(bot.id, bot.name)
