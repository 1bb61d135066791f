"""Pages of the feed and of lists, put together for whichever route was asked; not how a route is asked."""

from reality_engine.reads import listing
from reality_engine.reads.dependencies import Looking
from reality_engine.reads.listing import Asked
from reality_engine.reads.schemas import EntityResponse, EventResponse
from reality_engine.reads.shown import shown_events
from reality_engine.visibility import events
from reality_engine.visibility.words import asked_words
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import Page


async def entities_page(look: Looking, page: Page, asked: Asked) -> Envelope[list[EntityResponse]]:
    """Return a page of a list; raises NotFoundError, BadCursorError and InvalidError."""
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


async def feed_page(look: Looking, page: Page, q: str | None) -> Envelope[list[EventResponse]]:
    """Return a page of the feed, `q` as it was written; raises NotFoundError, BadCursorError and InvalidError."""
    words = asked_words(q) if q is not None else ()
    async with look.open() as (unit, viewer):
        before = look.resume(page, viewer, "feed", list(words))
        found = await events.feed_page(unit, viewer, page.limit + 1, before, words)
        standing = await look.standing(unit)
    shown = found[: page.limit]
    following = look.cursor(shown[-1].position, viewer, "feed", list(words)) if len(found) > page.limit else None
    data = [EventResponse.model_validate(event) for event in shown_events(shown, viewer)]
    return Envelope(data=data, meta=page.meta(following, cursor=standing))
