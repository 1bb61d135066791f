"""Pages of the entities of a kind that a viewer sees, filtered and in order; chooses the walk that reads least."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, select

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.json import Plain
from reality_engine.visibility.entities import EntityView, views
from reality_engine.visibility.filters.conditions import condition_of
from reality_engine.visibility.filters.reading import Reading
from reality_engine.visibility.filters.terms import Condition
from reality_engine.visibility.lists.narrowing import MAX_VALUES, Bound, bounds_of, equalities, index_bytes
from reality_engine.visibility.lists.ordering import Order, Sorted
from reality_engine.visibility.lists.past_listing import newest_then
from reality_engine.visibility.lists.past_walking import PastWalks
from reality_engine.visibility.lists.walking import Asked, Walks
from reality_engine.visibility.past_search import search_of
from reality_engine.visibility.states import NOW, AsOf
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import Words

# Who holds more keys than this has a condition asked first of what is nearest in the index, that many pages of it.
FEW_KEYS: Final = 4
NEAR: Final = 2


@dataclass(frozen=True)
class Wanted:
    """What a list shows, and in what order; without orders the newest first; with `words`, what a search finds."""

    kind: str
    condition: Condition | None = None
    orders: tuple[Order, ...] = ()
    words: Words = ()

    def asked(self) -> tuple[Asked, ...]:
        """Return the condition over each entity."""
        condition = self.condition
        return () if condition is None else (lambda reading: condition_of(condition, reading),)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entity of a list, and its place there: the values that it is sorted by, and its id."""

    view: EntityView
    place: tuple[Plain, ...]


async def list_page(
    unit: ReadUnit, viewer: Viewer, wanted: Wanted, limit: int, after: Sequence[Plain] | None = None, skip: int = 0
) -> list[Listed]:
    """Return what comes after a place, or after the first `skip`."""
    if not viewer.scope.everything and not viewer.scope.keys:
        return []
    lister = _Lister(unit, viewer, wanted)
    if isinstance(viewer.states, AsOf) and not (wanted.orders or wanted.words or skip):
        before = None if after is None else str(after[-1])
        return [Listed(view, (view.id,)) for view in await lister.newest_then(viewer.states, before, limit)]
    places = (await lister.places(list(after) if after is not None else None, skip + limit))[skip:]
    by_key = {view.id: view for view in await views(unit, viewer, [str(place[-1]) for place in places])}
    return [Listed(by_key[str(place[-1])], place) for place in places if place[-1] in by_key]


async def count(unit: ReadUnit, viewer: Viewer, wanted: Wanted) -> int:
    """Return how many there are to be listed."""
    lister = _Lister(unit, viewer, wanted)
    found = lister.candidates().subquery()
    return await unit.session.scalar(select(func.count()).select_from(found)) or 0


@dataclass(frozen=True)
class _Lister:
    unit: ReadUnit
    viewer: Viewer
    wanted: Wanted

    async def places(self, after: list[Any] | None, limit: int) -> list[tuple[Plain, ...]]:
        orders = self.wanted.orders
        if self.wanted.words or (orders and self.viewer.states is not NOW):
            return await self._ordered(self.candidates(), orders, after, limit)
        if not orders:
            return await self._newest(self._walks(), None if after is None else str(after[-1]), limit)
        first = orders[0]
        if not first.read.indexed or (self._few() and not bounds_of(self.wanted.condition, first.read)):
            return await self._ordered(self.candidates(), orders, after, limit)
        return await self._along(orders, after, limit)

    async def newest_then(self, states: AsOf, before: str | None, limit: int) -> list[EntityView]:
        """Return the newest as of a moment, where no order and no search is asked for."""
        walks = PastWalks(self.unit.dialect, self.viewer, self.wanted.kind, self.wanted.asked(), states=states)
        return await newest_then(self.unit, walks, before, limit)

    def candidates(self) -> Select[Any]:
        """Return the ids of all that are to be listed."""
        few = None if self.wanted.words else self._equal()
        return self._walks().everyone() if few is None else self._walks().all_with(few)

    async def _along(self, orders: tuple[Order, ...], after: list[Any] | None, limit: int) -> list[tuple[Plain, ...]]:
        """Walk along the index of the first order, then through what has no value there."""
        first = orders[0]
        bounds = bounds_of(self.wanted.condition, first.read)
        found: list[tuple[Plain, ...]] = []
        if all(bound.values for bound in bounds) and (after is None or after[0] is not None):
            start = None if after is None else [index_bytes(first.read, after[0]), *after[1:]]
            found = await self._nearest(orders, bounds, start, limit)
        if len(found) == limit or bounds:
            return found
        rest, before = limit - len(found), after if after is not None and after[0] is None else None
        without = self._walks(lambda reading: first.value(reading).is_(None))
        if len(orders) == 1:
            newest = await self._newest(without, None if before is None else str(before[-1]), rest)
            return [*found, *((None, *place) for place in newest)]
        return [*found, *await self._ordered(without.everyone(), orders, before, rest)]

    async def _nearest(
        self, orders: Sequence[Order], bounds: Sequence[Bound], start: list[Any] | None, limit: int
    ) -> list[tuple[Plain, ...]]:
        """Ask the conditions of what comes first in the index, and of as many for each key where too few meet them."""
        walks = self._walks()
        if len(orders) == 1 and len(walks.keys) > FEW_KEYS:
            nearest = walks.nearest(orders[0], bounds, start, NEAR * limit)
            keys = list(await self.unit.session.scalars(nearest))
            found = await self._ordered(walks.among(keys), orders, None, limit)
            if len(found) == limit or len(keys) < NEAR * limit:
                return found
        return await self._ordered(walks.along(orders, bounds, start, limit), orders, None, limit)

    async def _newest(self, walks: Walks, before: str | None, limit: int) -> list[tuple[Plain, ...]]:
        equal = self._equal()
        query = walks.newest(before, limit) if equal is None else walks.newest_with(equal, before, limit)
        return [(key,) for key in await self.unit.session.scalars(query)]

    async def _ordered(
        self, candidates: Select[Any], orders: Sequence[Order], after: list[Any] | None, limit: int
    ) -> list[tuple[Plain, ...]]:
        there = candidates.cte("there")
        reading = Reading(self.unit.dialect, self.viewer, there.c.at)
        named = [order.value(reading).label(f"value{number}") for number, order in enumerate(orders)]
        valued = select(there.c.at, *named).cte("valued")
        values = [valued.c[column.name] for column in named]
        by = Sorted(reading, orders, values, valued.c.at)
        query = select(*values, valued.c.at).order_by(*by.by()).limit(limit)
        query = query if after is None else query.where(by.after(after))
        return [tuple(row) for row in await self.unit.session.execute(query)]

    def _walks(self, *further: Asked) -> Walks:
        words, viewer, dialect = self.wanted.words, self.viewer, self.unit.dialect
        search = search_of(dialect, viewer, words) if words else None
        found = None if search is None else lambda reading: search.entity_matches(reading.entity)
        asked = (*self.wanted.asked(), *further)
        if isinstance(viewer.states, AsOf):
            return PastWalks(dialect, viewer, self.wanted.kind, asked, found, states=viewer.states)
        return Walks(dialect, viewer, self.wanted.kind, asked, found)

    def _equal(self) -> Bound | None:
        """Return the indexed field that narrows a list most: a unique one, or one that has the fewest values.

        Only the values of now have an index.
        """
        if self.viewer.states is not NOW:
            return None
        fields = self.viewer.pack.kinds[self.wanted.kind].fields if self.wanted.kind in self.viewer.pack.kinds else {}
        found = [bound for bound in equalities(self.wanted.condition) if 0 < len(bound.values) <= MAX_VALUES]
        return min(found, key=lambda one: (not fields[one.read.name].unique, len(one.values)), default=None)

    def _few(self) -> bool:
        equal = self._equal()
        return equal is not None and self.viewer.pack.kinds[self.wanted.kind].fields[equal.read.name].unique
