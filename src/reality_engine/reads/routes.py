"""Looking into a world over HTTP: entities and the feed; nothing is decided here."""

from fastapi import APIRouter, Response

from reality_engine.accounts.access import WORLD
from reality_engine.kernel.errors import DeniedError, InvalidError, NotFoundError, UnauthenticatedError
from reality_engine.reads.dependencies import LookingBackDep, LookingDep
from reality_engine.reads.explained_events import Explaining
from reality_engine.reads.explanation import EventExplanationResponse
from reality_engine.reads.listing import AskedDep, SearchQuery
from reality_engine.reads.pages import entities_page, feed_page
from reality_engine.reads.schemas import EntityResponse, EventResponse
from reality_engine.reads.shown import shown_events
from reality_engine.reads.view_as import VIEWING
from reality_engine.visibility import entities
from reality_engine.visibility.moments import BadAsOfError
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.envelope import Envelope, Meta
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

router = APIRouter(prefix="/worlds/{world}", dependencies=[WORLD])

_PAST = (DeniedError, InvalidError, BadAsOfError)
_ERRORS = responses(UnauthenticatedError, *VIEWING, NotFoundError, BadCursorError, *_PAST)
_EVENT_ERRORS = responses(UnauthenticatedError, *VIEWING, NotFoundError)
_PAST_EVENT_ERRORS = responses(UnauthenticatedError, *VIEWING, NotFoundError, *_PAST)


@router.get("/entities", tags=["entities"], responses=_ERRORS)
async def list_entities(look: LookingBackDep, page: PageDep, asked: AskedDep) -> Envelope[list[EntityResponse]]:
    """List the entities of a kind that you may see, the newest first; with `q`, of all kinds or one, those found."""
    shown = await entities_page(look, page, asked)
    meta = Meta.model_validate(shown.ends.told(look.cursors))
    return Envelope(data=[EntityResponse.model_validate(one) for one in shown.data], meta=meta)


@router.get("/entities/{entity}", tags=["entities"], responses=_ERRORS)
async def get_entity(look: LookingBackDep, entity: PathId, response: Response) -> Envelope[EntityResponse]:
    """Get as much of an entity as you may see; its `ETag` guards acting on it."""
    async with look.open() as (unit, viewer):
        view = await entities.get_entity(unit, viewer, entity)
        standing = await look.standing(unit, viewer)
    shown = EntityResponse.of(view, look.reading.etag_key if look.past is None else None, look.viewer)
    if shown.etag is not None:
        response.headers["ETag"] = f'"{shown.etag}"'
    return Envelope(data=shown, meta=Meta(cursor=look.stand(standing.position), as_of=look.as_of))


@router.get("/events/{event}", tags=["feed"], response_model_exclude_none=True, responses=_PAST_EVENT_ERRORS)
async def get_event(look: LookingBackDep, event: PathId) -> Envelope[EventResponse]:
    """Get as much of an event as you may see; as of a moment, if it had happened."""
    async with look.open() as (unit, viewer):
        view = await Explaining(unit, viewer, look.reading.packs).event(event)
        (shown,) = shown_events([view], viewer)
    return Envelope(data=EventResponse.model_validate(shown), meta=Meta(as_of=look.as_of))


@router.get("/events/{event}/explain", tags=["feed"], responses=_EVENT_ERRORS)
async def explain_event(look: LookingDep, event: PathId) -> Envelope[EventExplanationResponse]:
    """Say which rules an event passed, by what values as far as you see them, and why you see it."""
    async with look.open() as (unit, viewer):
        told = await Explaining(unit, viewer, look.reading.packs).explain(event)
    return Envelope(data=EventExplanationResponse.of(told))


@router.get("/feed", tags=["feed"], response_model_exclude_none=True, responses=_ERRORS)
async def get_feed(look: LookingBackDep, page: PageDep, q: SearchQuery = None) -> Envelope[list[EventResponse]]:
    """Page through the events of a world as far as you may see them, the newest first; with `q`, those found."""
    shown = await feed_page(look, page, q)
    meta = Meta.model_validate(shown.ends.told(look.cursors))
    return Envelope(data=[EventResponse.model_validate(one) for one in shown.data], meta=meta)
