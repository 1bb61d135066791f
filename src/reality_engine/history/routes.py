"""What became of entities, over HTTP; nothing is decided here."""

from typing import Final

from fastapi import APIRouter

from reality_engine.history.reading import history
from reality_engine.history.schemas import HistoryResponse
from reality_engine.kernel.errors import InvalidError, NotFoundError, UnauthenticatedError
from reality_engine.reads.dependencies import LookingDep
from reality_engine.reads.shown import shown_events
from reality_engine.reads.view_as import VIEWING
from reality_engine.visibility.timeline import NOW
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import DEFAULT_LIMIT, CursorQuery, LimitQuery, Page
from reality_engine.web.responses import responses

router = APIRouter(prefix="/worlds/{world}", tags=["history"])

_ERRORS: Final = responses(UnauthenticatedError, *VIEWING, NotFoundError, BadCursorError, InvalidError)
_HISTORY: Final = "history"


@router.get("/entities/{entity}/history", responses=_ERRORS)
async def get_history(
    look: LookingDep, entity: PathId, limit: LimitQuery = DEFAULT_LIMIT, cursor: CursorQuery = None
) -> Envelope[list[HistoryResponse]]:
    """Page through what became of an entity, as far as you saw it, the latest first, with the events that did it."""
    page = Page(limit, None, cursor)
    async with look.open() as (unit, viewer):
        before: int | None = look.resume(page, viewer, _HISTORY, entity)
        found = await history(unit, viewer, entity, limit + 1, NOW if before is None else before)
        standing = await look.standing(unit)
    views = [item.event for item in found[:limit]]
    shown = iter(shown_events([view for view in views if view is not None], viewer))
    data = [HistoryResponse.of(item, None if item.event is None else next(shown)) for item in found[:limit]]
    following = None
    if len(found) > limit:
        following = look.cursor(found[limit - 1].step.position, viewer, _HISTORY, entity)
    return Envelope(data=data, meta=page.meta(following, cursor=look.stand(standing.position)))
