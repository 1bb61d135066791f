"""Lists and the feed by thin routes: the same pages as `routes` gives, for what is well-formed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from reality_engine.kernel.ids import is_id
from reality_engine.reads.dependencies import Looking, Reading
from reality_engine.reads.heads import Heads
from reality_engine.reads.kept import KeptPages, Sought
from reality_engine.reads.listing import Asked as AskedList
from reality_engine.reads.listing import FieldsQuery, FilterQuery, KindQuery, SearchQuery, SortQuery
from reality_engine.reads.pages import ShownPage, entities_page, feed_page
from reality_engine.web.context import Context
from reality_engine.web.paging import DEFAULT_LIMIT, CursorQuery, LimitQuery, Page
from reality_engine.web.thin import Asked, ThinRoute, UnusualError


# What is asked for often; a count or an offset is passed on.
@with_config(ConfigDict(extra="forbid"))
class _FeedQuery(TypedDict, total=False):
    limit: LimitQuery
    cursor: CursorQuery
    q: SearchQuery


class _ListQuery(_FeedQuery, total=False):
    kind: KindQuery
    filter: FilterQuery
    sort: SortQuery
    fields: FieldsQuery


_FEED: Final = TypeAdapter(_FeedQuery)
_LIST: Final = TypeAdapter(_ListQuery)
Read: TypeAlias = Callable[[Looking, Asked], Awaitable[ShownPage]]


@dataclass(frozen=True, slots=True)
class ThinReading:
    """Lists entities, and pages through the feed."""

    context: Context
    reading: Reading
    heads: Heads
    pages: KeptPages

    def routes(self) -> tuple[ThinRoute, ...]:
        """Stand for the declared routes."""
        return (
            ThinRoute("list_entities", partial(self._answer, _entities)),
            ThinRoute("get_feed", partial(self._answer, _feed)),
        )

    async def _answer(self, read: Read, asked: Asked) -> bytes:
        """Answer with the page that was read before, if nothing happened since, or read it."""
        world = asked.path["world"]
        if not is_id(world):
            raise UnusualError
        principal = asked.principal()
        sought = Sought(principal, read.__name__, world, asked.query)
        page = self.pages.get(sought)
        if page is None or page.ends.standing != await self.heads.of(world):
            looking = Looking(world, principal, self.context.units, self.context.cursors, self.reading)
            page = (await read(looking, asked)).written()
            self.pages.keep(sought, page)
        return page.answer(self.context.cursors)


async def _entities(look: Looking, asked: Asked) -> ShownPage:
    query = asked.queried(_LIST)
    wanted = AskedList(query.get("kind"), query.get("q"), query.get("filter"), query.get("sort"), query.get("fields"))
    return await entities_page(look, _page(query), wanted)


async def _feed(look: Looking, asked: Asked) -> ShownPage:
    query = asked.queried(_FEED)
    return await feed_page(look, _page(query), query.get("q"))


def _page(query: _FeedQuery) -> Page:
    return Page(query.get("limit", DEFAULT_LIMIT), None, query.get("cursor"))
