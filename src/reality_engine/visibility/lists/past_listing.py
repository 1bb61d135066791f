"""The newest of a kind as of a moment: what may have been seen then, page by page, until enough of it was seen."""

from typing import Final

from reality_engine.db.unit import ReadUnit
from reality_engine.visibility.entities import EntityView, views
from reality_engine.visibility.lists.past_walking import PastWalks

# So many more than are wanted are looked at, since some were not seen yet, or not any more; then twice as many.
SPARE: Final = 12
MOST: Final = 1_000


async def newest_then(unit: ReadUnit, walks: PastWalks, before: str | None, limit: int) -> list[EntityView]:
    """Return the newest below `before` that a viewer saw of a kind, and that met the conditions."""
    found: list[EntityView] = []
    size = limit + SPARE
    while len(found) < limit:
        keys = await _candidates(unit, walks, before, size)
        met = set(await unit.session.scalars(walks.among(keys))) if walks.asked and keys else set(keys)
        seen = {view.id: view for view in await views(unit, walks.viewer, sorted(met))}
        there = (seen[key] for key in keys if key in seen)
        found += [view for view in there if view.kind == walks.kind and not view.deleted]
        if len(keys) < size:
            break
        before, size = keys[-1], min(2 * size, MOST)
    return found[:limit]


async def _candidates(unit: ReadUnit, walks: PastWalks, before: str | None, limit: int) -> list[str]:
    """Return the newest ids of what is seen now, or once was."""
    found: set[str] = set()
    for query in walks.candidates(before, limit):
        found.update(await unit.session.scalars(query))
    return sorted(found, reverse=True)[:limit]
