"""Pages of the feed and of lists, put together for whichever route was asked; not how a route is asked."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from reality_engine.db.reading.statement import Script
from reality_engine.kernel.json import Plain, encode
from reality_engine.reads import listing
from reality_engine.reads.dependencies import Looking
from reality_engine.reads.listing import Asked
from reality_engine.reads.shown import shown_entity, shown_events
from reality_engine.visibility import entities, events
from reality_engine.visibility.entities import EntityView
from reality_engine.visibility.events import EventView
from reality_engine.visibility.page import Page as Seen
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import asked_words
from reality_engine.web.envelope import Meta
from reality_engine.web.paging import Page

_FEED = "feed"
_LIST = "entities"


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as it is shown: its items as their schemas have them, and what belongs to the answer."""

    data: list[dict[str, Plain]]
    meta: Meta

    def written(self) -> bytes:
        """Return the whole answer as JSON."""
        return encode({"data": self.data, "meta": self.meta.model_dump(), "errors": []})


async def entities_page(look: Looking, page: Page, asked: Asked) -> ShownPage:
    """Return a page of a list; raises NotFoundError, BadCursorError and InvalidError."""
    if asked.newest and page.offset is None and not page.total:
        viewer, seen = await look.page(partial(_newest_entities, look, page, asked))
        following: Plain = [seen.views[page.limit - 1].id] if len(seen.views) > page.limit else None
        listed, standing = listing.Part(seen.views[: page.limit], following), look.stand(seen.standing.position)
        fields = asked.shown(viewer)
    else:
        async with look.open() as (unit, viewer):
            after = look.resume(page, viewer, _LIST, asked.query)
            listed = await listing.page_of(unit, viewer, asked, page, after)
            standing = await look.standing(unit)
            fields = asked.shown(viewer)
    further = None
    if listed.following is not None:
        further = look.cursor(listed.following, viewer, _LIST, asked.query)
    data = [shown_entity(view, look.reading.etag_key, look.viewer, fields) for view in listed.views]
    return ShownPage(data, page.meta(further, listed.total, cursor=standing))


async def feed_page(look: Looking, page: Page, q: str | None) -> ShownPage:
    """Return a page of the feed, `q` as it was written; raises NotFoundError, BadCursorError and InvalidError."""
    words = asked_words(q) if q is not None else ()
    if words:
        async with look.open() as (unit, viewer):
            before = look.resume(page, viewer, _FEED, list(words))
            found = await events.feed_page(unit, viewer, page.limit + 1, before, words)
            standing = await look.standing(unit)
    else:
        viewer, seen = await look.page(partial(_newest_events, look, page))
        found, standing = seen.views, look.stand(seen.standing.position)
    shown = found[: page.limit]
    following = look.cursor(shown[-1].position, viewer, _FEED, list(words)) if len(found) > page.limit else None
    return ShownPage(shown_events(shown, viewer), page.meta(following, cursor=standing))


def _newest_events(look: Looking, page: Page, viewer: Viewer) -> Script[Seen[EventView]]:
    before: int | None = look.resume(page, viewer, _FEED, [])
    return events.newest_page(look.units.dialect, viewer, page.limit + 1, before)


def _newest_entities(look: Looking, page: Page, asked: Asked, viewer: Viewer) -> Script[Seen[EntityView]]:
    after: Any = look.resume(page, viewer, _LIST, asked.query)
    before = None if after is None else str(after[-1])
    return entities.newest_page(look.units.dialect, viewer, str(asked.kind), page.limit + 1, before)
