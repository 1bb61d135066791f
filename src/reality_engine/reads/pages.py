"""Pages of the feed and of lists, put together for whichever route was asked; not how a route is asked."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from reality_engine.db.reading.statement import Script
from reality_engine.kernel.json import Plain, encode
from reality_engine.reads import listing
from reality_engine.reads.dependencies import FEED, Looking
from reality_engine.reads.listing import Asked
from reality_engine.reads.shown import shown_entity, shown_events
from reality_engine.reads.standing import stand_at
from reality_engine.visibility import entities, events
from reality_engine.visibility.entities import EntityView
from reality_engine.visibility.events import EventView
from reality_engine.visibility.page import Page as Seen
from reality_engine.visibility.page import Standing
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import asked_words
from reality_engine.web.cursors import Cursors
from reality_engine.web.paging import Page
from reality_engine.web.places import Bound, seal_place

_LIST = "entities"


@dataclass(frozen=True, slots=True)
class Ends:
    """What belongs to a page beside its items: where the log stood, and after which place more follows."""

    world: str
    page: Page
    list: Bound
    standing: Standing
    following: Plain = None
    total: int | None = None
    as_of: str | None = None

    def told(self, cursors: Cursors) -> dict[str, Plain]:
        """Return what `Meta` has, as it has it, the places sealed.

        They are sealed anew for each answer: the same cursors again would tell that nothing happened at all.
        """
        held: dict[str, Plain] = {
            "limit": self.page.limit, "offset": self.page.offset,
            "next": None if self.following is None else seal_place(cursors, self.following, self.list),
            "cursor": stand_at(cursors, self.world, self.list.viewer, self.standing.position), "total": self.total,
            "as_of": self.as_of,
        }  # fmt: skip
        return {name: value for name, value in held.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as it is shown: its items as their schemas have them."""

    data: list[dict[str, Plain]]
    ends: Ends

    def written(self) -> "WrittenPage":
        """Write the items as JSON."""
        return WrittenPage(encode(self.data), self.ends)


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """A page whose items are JSON."""

    shown: bytes
    ends: Ends

    def answer(self, cursors: Cursors) -> bytes:
        """Return the whole answer as JSON."""
        return b'{"data":%b,"meta":%b,"errors":[]}' % (self.shown, encode(self.ends.told(cursors)))


async def entities_page(look: Looking, page: Page, asked: Asked) -> ShownPage:
    """Return a page of a list; raises NotFoundError, BadCursorError and InvalidError."""
    if asked.newest and page.offset is None and not page.total and look.past is None:
        viewer, seen = await look.page(partial(_newest_entities, look, page, asked))
        following: Plain = [seen.views[page.limit - 1].id] if len(seen.views) > page.limit else None
        listed, standing = listing.Part(seen.views[: page.limit], following), seen.standing
        fields = asked.shown(viewer)
    else:
        async with look.open() as (unit, viewer):
            after = look.resume(page, viewer, _LIST, asked.query)
            listed = await listing.page_of(unit, viewer, asked, page, after)
            standing = await look.standing(unit, viewer)
            fields = asked.shown(viewer)
    key = look.reading.etag_key if look.past is None else None
    data = [shown_entity(view, key, look.viewer, fields) for view in listed.views]
    bound = look.bound(viewer, _LIST, asked.query)
    return ShownPage(data, Ends(look.world, page, bound, standing, listed.following, listed.total, look.as_of))


async def feed_page(look: Looking, page: Page, q: str | None) -> ShownPage:
    """Return a page of the feed, `q` as it was written; raises NotFoundError, BadCursorError and InvalidError."""
    words = asked_words(q) if q is not None else ()
    if words or look.past is not None:
        async with look.open() as (unit, viewer):
            before = look.resume(page, viewer, FEED, list(words))
            found = await events.feed_page(unit, viewer, page.limit + 1, before, words)
            standing = await look.standing(unit, viewer)
    else:
        viewer, seen = await look.page(partial(_newest_events, look, page))
        found, standing = seen.views, seen.standing
    shown = found[: page.limit]
    following = shown[-1].position if len(found) > page.limit else None
    bound = look.bound(viewer, FEED, list(words))
    return ShownPage(shown_events(shown, viewer), Ends(look.world, page, bound, standing, following, as_of=look.as_of))


def _newest_events(look: Looking, page: Page, viewer: Viewer) -> Script[Seen[EventView]]:
    before: int | None = look.resume(page, viewer, FEED, [])
    return events.newest_page(look.units.dialect, viewer, page.limit + 1, before)


def _newest_entities(look: Looking, page: Page, asked: Asked, viewer: Viewer) -> Script[Seen[EntityView]]:
    after: Any = look.resume(page, viewer, _LIST, asked.query)
    before = None if after is None else str(after[-1])
    return entities.newest_page(look.units.dialect, viewer, str(asked.kind), page.limit + 1, before)
