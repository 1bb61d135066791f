"""Worlds over HTTP: create, list, look, change the settings, delete; nothing is decided here."""

from fastapi import APIRouter, Response

from reality_engine.accounts.access import KNOWN, WORLD, holders_of
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.rights import Right
from reality_engine.actions.performing import PerformingDep, shown
from reality_engine.actions.routes import ACTING, acting
from reality_engine.actions.schemas import ActRequest, ActResponse
from reality_engine.kernel.errors import DeniedError, InvalidError, NotFoundError, UnauthenticatedError
from reality_engine.reads.dependencies import LookingDep, ReadingDep
from reality_engine.reads.view_as import VIEWING
from reality_engine.visibility.moments import BadAsOfError
from reality_engine.visibility.viewer import viewer_of
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ClockDep, CursorsDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses
from reality_engine.worlds import service
from reality_engine.worlds.asked_forks import forked, moment_of
from reality_engine.worlds.schemas import ConfigureRequest, CreateWorldRequest, ForkRequest, WorldResponse
from reality_engine.worlds.service import NewWorld

router = APIRouter(prefix="/worlds", tags=["worlds"])

_ERRORS = responses(UnauthenticatedError, *VIEWING, NotFoundError)
_LIST = "worlds"


@router.post(
    "",
    status_code=201,
    dependencies=[holders_of(Right.CREATE_WORLDS)],
    responses=responses(UnauthenticatedError, DeniedError, NotFoundError, InvalidError),
)
async def create_world(
    body: CreateWorldRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, reading: ReadingDep,
    response: Response,
) -> Envelope[WorldResponse]:  # fmt: skip
    """Create a world from a pack version. You become its first member, with the role that manages it."""
    settings = body.model_dump(include={"title", "description", "public", "joining"})
    async with units.write() as unit:
        new = NewWorld(body.pack, body.version, settings)
        world = await service.create(unit, new, principal, reading.packs, clock.now())
        view = await service.look(unit, await viewer_of(unit, world.id, principal, reading.viewers), reading.viewers)
        await unit.commit()
    response.headers["Location"] = f"/api/v1/worlds/{world.id}"
    return Envelope(data=WorldResponse.of(view))


@router.get("", dependencies=[KNOWN], responses=responses(UnauthenticatedError, BadCursorError))
async def list_worlds(
    page: PageDep, principal: CurrentPrincipal, units: UnitsDep, cursors: CursorsDep, reading: ReadingDep
) -> Envelope[list[WorldResponse]]:
    """List the worlds that you are a member of, the newest first."""
    before = None if page.cursor is None else str(cursors.open(page.cursor, _LIST, principal.id))
    async with units.read() as unit:
        found = await service.list_mine(unit, principal, reading.viewers, page.limit + 1, before)
    shown, following = found[: page.limit], None
    if len(found) > page.limit:
        following = cursors.seal(shown[-1].world.id, _LIST, principal.id)
    return Envelope(data=[WorldResponse.of(view) for view in shown], meta=page.meta(following))


@router.get("/{world}", dependencies=[WORLD], responses=_ERRORS)
async def get_world(look: LookingDep) -> Envelope[WorldResponse]:
    """Look at a world that you are a member of, or that is public or open to join."""
    async with look.open() as (unit, viewer):
        return Envelope(data=WorldResponse.of(await service.look(unit, viewer, look.reading.viewers)))


@router.post(
    "/{world}/fork",
    status_code=201,
    dependencies=[WORLD],
    response_model=Envelope[WorldResponse],
    responses=acting(BadAsOfError),
)
async def fork_world(
    performing: PerformingDep, look: LookingDep, body: ForkRequest, accounts: AccountsDep, clock: ClockDep,
    response: Response,
) -> Envelope[WorldResponse] | Envelope[ActResponse] | Response:  # fmt: skip
    """Make a new world of what this one was at a moment (`world.fork`, logged); for who manages it and sees everything.

    It takes the right to create worlds, too. You manage the fork. It opens nothing that is closed here now, and nobody
    is told of anything by it.
    """
    accounts.rights.require(performing.principal, Right.CREATE_WORLDS)
    position = await moment_of(look, body.as_of, clock.now())
    answer = await performing.submit("world.fork", ActRequest(input=body.model_dump(exclude_none=True)))
    if not answer.accepted:
        return shown(answer)
    view = await forked(look, body, str(answer.events[0]["id"]), position, clock.now())
    response.headers["Location"] = f"/api/v1/worlds/{view.world.id}"
    return Envelope(data=WorldResponse.of(view))


@router.patch("/{world}", dependencies=[WORLD], response_model=Envelope[ActResponse], responses=ACTING)
async def configure_world(performing: PerformingDep, body: ConfigureRequest) -> Envelope[ActResponse] | Response:
    """Change the settings (`world.configure`)."""
    return await performing.perform("world.configure", ActRequest(input=body.model_dump(exclude_none=True)))


@router.delete("/{world}", dependencies=[WORLD], response_model=Envelope[ActResponse], responses=ACTING)
async def delete_world(performing: PerformingDep) -> Envelope[ActResponse] | Response:
    """Delete the world (`world.delete`): nobody finds it any more, and nothing of it is lost."""
    return await performing.perform("world.delete", ActRequest())
