"""What became of entities, over HTTP; nothing is decided here."""

from typing import Final

from fastapi import APIRouter

from reality_engine.accounts.access import WORLD
from reality_engine.history.blaming import blame
from reality_engine.history.diffing import Between, entity_diff, world_diff
from reality_engine.history.moments import FromQuery, ToQuery, between_of
from reality_engine.history.reading import history
from reality_engine.history.schemas import BlameResponse, DiffResponse, HistoryResponse
from reality_engine.kernel.errors import DeniedError, InvalidError, NotFoundError, UnauthenticatedError
from reality_engine.kernel.json import Plain
from reality_engine.reads.dependencies import LookingBackDep, LookingDep
from reality_engine.reads.explained_events import Explaining
from reality_engine.reads.listing import Asked, FieldsQuery, KindQuery
from reality_engine.reads.shown import shown_events
from reality_engine.reads.view_as import VIEWING
from reality_engine.visibility.entities import get_entity
from reality_engine.visibility.moments import BadAsOfError
from reality_engine.visibility.states import AsOf
from reality_engine.visibility.timeline import NOW
from reality_engine.visibility.viewer import Viewer
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ContextDep
from reality_engine.web.envelope import Envelope, Meta
from reality_engine.web.paging import DEFAULT_LIMIT, CursorQuery, LimitQuery, Page
from reality_engine.web.responses import responses

router = APIRouter(prefix="/worlds/{world}", tags=["history"], dependencies=[WORLD])

_MOMENTS: Final = responses(
    UnauthenticatedError, *VIEWING, DeniedError, NotFoundError, BadCursorError, InvalidError, BadAsOfError
)
_HISTORY: Final = "history"
_DIFF: Final = "diff"


@router.get("/entities/{entity}/history", responses=_MOMENTS)
async def get_history(
    look: LookingBackDep, entity: PathId, limit: LimitQuery = DEFAULT_LIMIT, cursor: CursorQuery = None
) -> Envelope[list[HistoryResponse]]:
    """Page through what became of an entity, as far as you saw it, the latest first, with the events that did it."""
    page = Page(limit, None, cursor)
    async with look.open() as (unit, viewer):
        before: int | None = look.resume(page, viewer, _HISTORY, entity)
        further = before is not None
        place = _behind(viewer) if before is None else before
        found = await history(unit, viewer, entity, limit + 1, place, further=further)
        standing = await look.standing(unit, viewer)
    views = [item.event for item in found[:limit]]
    shown = iter(shown_events([view for view in views if view is not None], viewer))
    data = [HistoryResponse.of(item, None if item.event is None else next(shown)) for item in found[:limit]]
    following = None
    if len(found) > limit:
        following = look.cursor(found[limit - 1].step.position, viewer, _HISTORY, entity)
    meta = page.meta(following, cursor=look.stand(standing.position))
    return Envelope(data=data, meta=meta.model_copy(update={"as_of": look.as_of}))


@router.get("/entities/{entity}/blame", responses=_MOMENTS)
async def get_blame(look: LookingBackDep, entity: PathId, fields: FieldsQuery = None) -> Envelope[list[BlameResponse]]:
    """Say of each field that you see of an entity which event gave it its value, who did that, and under which rule."""
    async with look.open() as (unit, viewer):
        explaining = Explaining(unit, viewer, look.reading.packs)
        kind = (await get_entity(unit, viewer, entity)).kind
        names = Asked(kind, None, None, None, fields).shown(viewer)
        found = await blame(explaining, entity, names, _behind(viewer))
        standing = await look.standing(unit, viewer)
        data = [
            BlameResponse.of(one, None if one.explained is None else shown_events([one.explained.view], viewer)[0])
            for one in found
        ]
    return Envelope(data=data, meta=Meta(cursor=look.stand(standing.position), as_of=look.as_of))


def _behind(viewer: Viewer) -> int:
    """Return the position below which stands what is looked at."""
    return viewer.states.position + 1 if isinstance(viewer.states, AsOf) else NOW


@router.get("/entities/{entity}/diff", responses=_MOMENTS)
async def get_entity_diff(
    look: LookingDep, entity: PathId, context: ContextDep, from_: FromQuery, to: ToQuery = None
) -> Envelope[DiffResponse]:
    """Say what differs in an entity between two moments, as far as you see it at each."""
    async with look.open() as (unit, viewer):
        between = await between_of(unit, look, context.clock.now(), (from_, to))
        found = await entity_diff(unit, viewer, entity, between)
        standing = await look.standing(unit)
    return Envelope(data=DiffResponse.of(found), meta=Meta(cursor=look.stand(standing.position)))


@router.get("/diff", responses=_MOMENTS)
async def get_diff(
    look: LookingDep,
    context: ContextDep,
    from_: FromQuery,
    to: ToQuery = None,
    kind: KindQuery = None,
    limit: LimitQuery = DEFAULT_LIMIT,
    cursor: CursorQuery = None,
) -> Envelope[list[DiffResponse]]:
    """Page through the entities that differ between two moments, as far as you see them; what changed last is first.

    A page may have fewer than `limit` where much happened and little differs; it is the last one without `meta.next`.
    """
    page = Page(limit, None, cursor)
    query: Plain = [from_, to, kind]
    async with look.open() as (unit, viewer):
        resumed = look.resume(page, viewer, _DIFF, query)
        if resumed is None:
            between, place = await between_of(unit, look, context.clock.now(), (from_, to)), None
        else:
            first, last, *at = resumed
            between, place = Between(first, last), (at[0], at[1])
        found = await world_diff(unit, viewer, between, kind, limit, place)
        standing = await look.standing(unit)
    following = None
    if found.following is not None:
        following = look.cursor([between.first, between.last, *found.following], viewer, _DIFF, query)
    data = [DiffResponse.of(one) for one in found.found]
    return Envelope(data=data, meta=page.meta(following, cursor=look.stand(standing.position)))
