"""Lists and the feed by thin routes: the same pages as `routes` gives, for what is well-formed."""

from dataclasses import dataclass
from typing import Final

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from reality_engine.accounts.thin import Principals
from reality_engine.kernel.ids import is_id
from reality_engine.reads.dependencies import Looking, Reading
from reality_engine.reads.listing import Asked as AskedList
from reality_engine.reads.listing import FieldsQuery, FilterQuery, KindQuery, SearchQuery, SortQuery
from reality_engine.reads.pages import entities_page, feed_page
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


@dataclass(frozen=True, slots=True)
class ThinReading:
    """Lists entities, and pages through the feed."""

    principals: Principals
    context: Context
    reading: Reading

    def routes(self) -> tuple[ThinRoute, ...]:
        """Stand for the declared routes."""
        return ThinRoute("list_entities", self.entities), ThinRoute("get_feed", self.feed)

    async def entities(self, asked: Asked) -> bytes:
        """List the entities of a kind."""
        query = asked.queried(_LIST)
        wanted = AskedList(
            query.get("kind"), query.get("q"), query.get("filter"), query.get("sort"), query.get("fields")
        )
        return (await entities_page(await self._looking(asked), _page(query), wanted)).written()

    async def feed(self, asked: Asked) -> bytes:
        """Page through the feed."""
        query = asked.queried(_FEED)
        return (await feed_page(await self._looking(asked), _page(query), query.get("q"))).written()

    async def _looking(self, asked: Asked) -> Looking:
        world = asked.path["world"]
        if not is_id(world):
            raise UnusualError
        principal = await self.principals.of(asked)
        return Looking(world, principal, self.context.units, self.context.cursors, self.reading)


def _page(query: _FeedQuery) -> Page:
    return Page(query.get("limit", DEFAULT_LIMIT), None, query.get("cursor"))
