"""Looking into a world over HTTP: entities and the feed; nothing is decided here."""

from fastapi import APIRouter, Response

from reality_engine.kernel.errors import InvalidError, NotFoundError, UnauthenticatedError
from reality_engine.reads import listing
from reality_engine.reads.dependencies import LookingDep
from reality_engine.reads.explained_events import Explaining
from reality_engine.reads.explanation import EventExplanationResponse
from reality_engine.reads.listing import AskedDep, SearchQuery
from reality_engine.reads.schemas import EntityResponse, EventResponse
from reality_engine.reads.shown import shown_events
from reality_engine.reads.view_as import VIEWING
from reality_engine.visibility import entities, events
from reality_engine.visibility.words import asked_words
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.envelope import Envelope, Meta
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

router = APIRouter(prefix="/worlds/{world}")

_ERRORS = responses(UnauthenticatedError, *VIEWING, NotFoundError, BadCursorError, InvalidError)
_EVENT_ERRORS = responses(UnauthenticatedError, *VIEWING, NotFoundError)


@router.get("/entities", tags=["entities"], responses=_ERRORS)
async def list_entities(look: LookingDep, page: PageDep, asked: AskedDep) -> Envelope[list[EntityResponse]]:
    """List the entities of a kind that you may see, the newest first; with `q`, of all kinds or one, those found."""
    async with look.open() as (unit, viewer):
        after = look.resume(page, viewer, "entities", asked.query)
        listed = await listing.page_of(unit, viewer, asked, page, after)
        standing = await look.standing(unit)
        fields = asked.shown(viewer)
    following = None
    if listed.following is not None:
        following = look.cursor(listed.following, viewer, "entities", asked.query)
    data = [EntityResponse.of(view, look.reading.etag_key, look.viewer, fields) for view in listed.views]
    return Envelope(data=data, meta=page.meta(following, listed.total, cursor=standing))


@router.get("/entities/{entity}", tags=["entities"], responses=_ERRORS)
async def get_entity(look: LookingDep, entity: PathId, response: Response) -> Envelope[EntityResponse]:
    """Get as much of an entity as you may see; its `ETag` guards acting on it."""
    async with look.open() as (unit, viewer):
        view = await entities.get_entity(unit, viewer, entity)
        standing = await look.standing(unit)
    shown = EntityResponse.of(view, look.reading.etag_key, look.viewer)
    response.headers["ETag"] = f'"{shown.etag}"'
    return Envelope(data=shown, meta=Meta(cursor=standing))


@router.get("/events/{event}", tags=["feed"], response_model_exclude_none=True, responses=_EVENT_ERRORS)
async def get_event(look: LookingDep, event: PathId) -> Envelope[EventResponse]:
    """Get as much of an event as you may see."""
    async with look.open() as (unit, viewer):
        view = await Explaining(unit, viewer, look.reading.packs).event(event)
        (shown,) = shown_events([view], viewer)
    return Envelope(data=EventResponse.model_validate(shown))


@router.get("/events/{event}/explain", tags=["feed"], responses=_EVENT_ERRORS)
async def explain_event(look: LookingDep, event: PathId) -> Envelope[EventExplanationResponse]:
    """Say which rules an event passed, by what values as far as you see them, and why you see it."""
    async with look.open() as (unit, viewer):
        told = await Explaining(unit, viewer, look.reading.packs).explain(event)
    return Envelope(data=EventExplanationResponse.of(told))


@router.get("/feed", tags=["feed"], response_model_exclude_none=True, responses=_ERRORS)
async def get_feed(look: LookingDep, page: PageDep, q: SearchQuery = None) -> Envelope[list[EventResponse]]:
    """Page through the events of a world as far as you may see them, the newest first; with `q`, those found."""
    words = asked_words(q) if q is not None else ()
    async with look.open() as (unit, viewer):
        before = look.resume(page, viewer, "feed", list(words))
        found = await events.feed_page(unit, viewer, page.limit + 1, before, words)
        standing = await look.standing(unit)
    shown = found[: page.limit]
    following = look.cursor(shown[-1].position, viewer, "feed", list(words)) if len(found) > page.limit else None
    data = [EventResponse.model_validate(event) for event in shown_events(shown, viewer)]
    return Envelope(data=data, meta=page.meta(following, cursor=standing))
