"""Reads a world's events through a viewer's scope, the newest first; each event as far as it may be seen."""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.models import EventRow
from reality_engine.kernel.json import Plain
from reality_engine.visibility.entities import visible_ids
from reality_engine.visibility.models import EventFacetRow, MovedEventRow
from reality_engine.visibility.parts import NUMBER
from reality_engine.visibility.predicates import held_by, newest_events
from reality_engine.visibility.search import Search
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import Words

# A search looks through so many of the newest events itself, before it asks the index.
WALKED: Final = 500


@dataclass
class EventView:
    """As much of an event as a viewer may see. `position` is for those who see everything."""

    id: str
    at: str
    position: int
    head: dict[str, Plain] | None = None
    input: Plain = None
    changes: list[dict[str, Plain]] = field(default_factory=list)
    moved: Plain = None


async def feed_page(
    unit: ReadUnit, viewer: Viewer, limit: int, before: int | None = None, words: Words = ()
) -> list[EventView]:
    """Return the newest visible events with positions below `before`, newest first; with words, those that have them.

    The words are sought in what the viewer sees of an event: `asked_words` says what counts as one.
    """
    query = newest_events(unit.dialect, viewer.scope, viewer.world, before, limit)
    positions = await (_searched(unit, viewer, words, before, limit) if words else unit.session.scalars(query))
    return await events_at(unit, viewer, list(positions))


async def events_at(unit: ReadUnit, viewer: Viewer, positions: Sequence[int]) -> list[EventView]:
    """Return what is visible of the events at these positions, in their order; others are left out."""
    if not positions:
        return []
    query = select(EventFacetRow.position, EventFacetRow.content).where(
        EventFacetRow.world == viewer.world,
        EventFacetRow.position.in_(positions),
        held_by(unit.dialect, viewer.scope, EventFacetRow.keys),
    )
    parts: dict[int, list[dict[str, Any]]] = {}
    for position, content in await unit.session.execute(query.order_by(EventFacetRow.position, EventFacetRow.facet)):
        parts.setdefault(position, []).append(content)
    found = {position: gathered(position, contents) for position, contents in parts.items()}
    await _hide_names(unit, viewer, list(found.values()))
    return [found[position] for position in positions if position in found]


async def _searched(unit: ReadUnit, viewer: Viewer, words: Words, before: int | None, limit: int) -> Iterable[int]:
    """Return the newest positions found: what is common among the newest, of the index there would be too much."""
    search = Search(unit.dialect, viewer.scope, viewer.world, words)
    newest = newest_events(unit.dialect, viewer.scope, viewer.world, before, WALKED)
    found = list(await unit.session.scalars(search.newest_among(newest, limit)))
    if len(found) == limit or len(list(await unit.session.scalars(newest))) < WALKED:
        return found  # a full page, or there is nothing further to be seen
    return await unit.session.scalars(search.newest_events(before, limit))


def gathered(position: int, contents: Sequence[dict[str, Any]]) -> EventView:
    """Put together those parts of an event that somebody sees, of which there is at least one."""
    view = EventView(contents[0]["id"], contents[0]["at"], position)
    for content in contents:
        _merge(view, content)
    _order(view.changes)
    return view


def _merge(view: EventView, content: dict[str, Any]) -> None:
    if "head" in content:
        view.head = dict(content["head"])
    view.input = content.get("input", view.input)
    view.moved = content.get("moved", view.moved)
    for change in content.get("changes", []):
        if "before" in change and "after" in change:
            view.changes.append(dict(change))
        else:
            _merge_side(view.changes, change)


def _merge_side(held: list[dict[str, Plain]], side: dict[str, Plain]) -> None:
    """Add one side of a change whose audience moved, to its other side where the viewer saw both."""
    for other in held:
        if other[NUMBER] == side[NUMBER]:
            other.update(side)
            return
    held.append(dict(side))


def _order(changes: list[dict[str, Plain]]) -> None:
    """Put changes into the order in which they happened, whichever parts they came with."""
    changes.sort(key=itemgetter(NUMBER))
    for change in changes:
        del change[NUMBER]


async def _hide_names(unit: ReadUnit, viewer: Viewer, events: Sequence[EventView]) -> None:
    """Leave out who acted, on what and because of what, where the viewer may not see that itself."""
    heads = [event.head for event in events if event.head is not None]
    named = {str(head[part]) for head in heads for part in ("actor", "target") if part in head}
    visible = await visible_ids(unit, viewer, named)
    without_names(viewer, heads, visible, await _visible_causes(unit, viewer, heads))


def without_names(
    viewer: Viewer, heads: Iterable[dict[str, Plain]], visible: AbstractSet[str], causes: AbstractSet[str]
) -> None:
    """Leave out of heads who acted, on what and because of what, but for visible entities and causes."""
    for head in heads:
        for part in ("actor", "target"):
            if part in head and head[part] not in visible:
                del head[part]
        if head.get("cause") not in causes:
            head.pop("cause", None)
        if not _sees_principal(viewer, head):
            head.pop("by", None)


def _sees_principal(viewer: Viewer, head: dict[str, Plain]) -> bool:
    by = head.get("by")
    mine = isinstance(by, dict) and bool(viewer.scope.user) and by.get("id") == viewer.scope.user
    return mine or viewer.scope.member or viewer.scope.everything


async def head_keys_with_secrets(unit: ReadUnit, world: str, keys: Collection[str]) -> dict[str, frozenset[str]]:
    """Return who sees the heads of those of the events that there are, by id; for deciding what becomes of them."""
    events = await eventlog.events_by_id(unit, world, keys)
    query = select(MovedEventRow.position, MovedEventRow.keys).where(
        MovedEventRow.world == world, MovedEventRow.position.in_([event.position for event in events])
    )
    moved = {position: frozenset(held) for position, held in await unit.session.execute(query)}
    return {event.id: moved.get(event.position, event.keys) for event in events}


async def _visible_causes(unit: ReadUnit, viewer: Viewer, heads: Sequence[dict[str, Plain]]) -> set[str]:
    causes = {str(head["cause"]) for head in heads if "cause" in head}
    return causes if viewer.scope.everything else await visible_heads(unit, viewer, causes)


async def visible_heads(unit: ReadUnit, viewer: Viewer, keys: Collection[str]) -> set[str]:
    """Return those of the ids that belong to events whose head the viewer may see."""
    if not keys:
        return set()
    joined = (EventRow.world == EventFacetRow.world) & (EventRow.position == EventFacetRow.position)
    query = select(EventRow.id).join(EventFacetRow, joined).where(
        EventRow.world == viewer.world, unit.dialect.among(EventRow.id, sorted(keys)),
        EventFacetRow.facet == 0, held_by(unit.dialect, viewer.scope, EventFacetRow.keys),
    )  # fmt: skip
    return set(await unit.session.scalars(query))
