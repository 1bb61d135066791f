"""Reads a world's events through a viewer's scope, the newest first; each event as far as it may be seen."""

from collections.abc import Collection, Generator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import select

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.reading.statement import Ask, Rows, Script, Values
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.models import EventRow
from reality_engine.kernel.json import Plain
from reality_engine.visibility import statements
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.entities import visible_ids
from reality_engine.visibility.models import EventFacetRow, MovedEventRow
from reality_engine.visibility.page import LAST, Page, Standing, shown_parts
from reality_engine.visibility.parts import KEY, NUMBER
from reality_engine.visibility.predicates import Form, held_by, newest_events
from reality_engine.visibility.search import Search
from reality_engine.visibility.states import NOW, AsOf
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import Words

# A search looks through so many of the newest events itself, before it asks the index.
WALKED: Final = 500
# Of a part as a statement has it.
_PLACE: Final = itemgetter(0, 1)


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
    if isinstance(viewer.states, AsOf):
        after = viewer.states.position + 1
        before = after if before is None else min(before, after)
    if words:
        return await events_at(unit, viewer, list(await _searched(unit, viewer, words, before, limit)))
    if viewer.states is NOW:
        return (await unit.run(newest_page(unit.dialect, viewer, limit, before))).views
    newest = newest_events(unit.dialect, viewer.scope, viewer.world, before, limit)
    return await events_at(unit, viewer, list(await unit.session.scalars(newest)))


def newest_page(dialect: Dialect, viewer: Viewer, limit: int, before: int | None = None) -> Script[Page[EventView]]:
    """Read what `feed_page` returns, and where the log stands."""
    form, keys = statements.form_of(dialect, viewer.scope)
    held = {**keys, "world": viewer.world}
    last = LAST if before is None else before
    asked = {**held, "before": last, "limit": limit}
    ((position, scopes, epoch, pack, told, *named),) = yield statements.feed(dialect, form), asked
    views = _views(shown_parts(told))
    heads = [view.head for view in views if view.head is not None]
    visible = set(str(named[0]).split(",")) if named else (yield from _visible(dialect, form, held, heads))
    for shown in heads:
        _hide(viewer, shown, visible)
    return Page(Standing(position, scopes, epoch, pack), views)


def _views(parts: list[Any]) -> list[EventView]:
    """Put the parts of events together, the newest event first."""
    parts.sort(key=_PLACE)
    found: dict[int, list[Any]] = {}
    for position, _, content in parts:
        found.setdefault(position, []).append(content)
    return [gathered(position, contents) for position, contents in reversed(found.items())]


def _visible(
    dialect: Dialect, form: Form, held: Values, heads: Sequence[dict[str, Any]]
) -> Generator[Ask, Rows, set[str]]:
    """Return the ids of those entities and events that heads name and the viewer sees."""
    named = {head[part] for head in heads for part in ("actor", "target") if part in head}
    causes = {head["cause"] for head in heads if "cause" in head}
    visible: set[str] = set()
    for statement, keys in ((statements.named_entities, named), (statements.named_events, causes)):
        if keys:
            rows = yield statement(dialect, form), {**held, "among": dialect.listed(sorted(keys))}
            visible.update(row[0] for row in rows)
    return visible


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
    if view.changes:
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
    seen = visible | causes
    for head in heads:
        _hide(viewer, head, seen)


def _hide(viewer: Viewer, head: dict[str, Plain], visible: Collection[str]) -> None:
    for part in ("actor", "target", "cause"):
        if part in head and head[part] not in visible:
            del head[part]
    by = head.get("by")
    if not isinstance(by, dict):
        return
    if not _sees_principal(viewer.scope, by):
        del head["by"]
    elif KEY in by and not _sees_key(viewer.scope, by):
        head["by"] = {name: value for name, value in by.items() if name != KEY}


def _sees_principal(scope: Scope, by: dict[str, Plain]) -> bool:
    return scope.member or scope.everything or _is_self(scope, by)


def _sees_key(scope: Scope, by: dict[str, Plain]) -> bool:
    return scope.admin or scope.everything or _is_self(scope, by)


def _is_self(scope: Scope, by: dict[str, Plain]) -> bool:
    return bool(scope.user) and by.get("id") == scope.user


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
