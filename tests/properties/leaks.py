"""Leaks to be planted in the engine, each in one place, for the proof to find; not the tests that plant them."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any, Final

import pytest
from sqlalchemy import func, select, true

from reality_engine.actions import allowed, service, turn
from reality_engine.projection import event_views
from reality_engine.reads import explained_events, schemas, shown
from reality_engine.reads import listing as read_lists
from reality_engine.rules import asking
from reality_engine.rules.decision import RefusalError
from reality_engine.state.audience import MEMBERS, role_key
from reality_engine.state.models import EntityRow, FacetRow
from reality_engine.visibility import entities, events, parts, resolver, search
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.lists import listing, walking
from reality_engine.visibility.parts import EventFacet
from reality_engine.web import seals

Plant = Callable[[pytest.MonkeyPatch], None]
ALL: Final = Scope(frozenset(), everything=True)
LEAKS: Final[dict[str, Plant]] = {}
RARE: Final[dict[str, Plant]] = {}


def was(module: ModuleType | type, name: str) -> Any:
    """Return what a module has before it is patched, whether or not it is meant for others."""
    return getattr(module, name)


def seeing_all(viewer: Any) -> Any:
    """Return a viewer who sees everything."""
    return replace(viewer, scope=ALL)


def leak(plant: Plant) -> Plant:
    """Add a leak to the catalogue."""
    LEAKS[plant.__name__] = plant
    return plant


def rare(plant: Plant) -> Plant:
    """Add a leak for which it is not known yet in how many cases it is found."""
    RARE[plant.__name__] = plant
    return plant


@leak
def hidden_fields_are_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entities, "held_by", lambda *_: true())


@leak
def hidden_entities_make_pages_short(patch: pytest.MonkeyPatch) -> None:
    walks = was(listing, "Walks")
    patch.setattr(listing, "Walks", lambda dialect, viewer, *rest: walks(dialect, seeing_all(viewer), *rest))


@leak
def hidden_entities_are_counted(patch: pytest.MonkeyPatch) -> None:
    count = was(read_lists, "count")
    patch.setattr(read_lists, "count", lambda unit, viewer, *rest: count(unit, seeing_all(viewer), *rest))


@leak
def a_filter_reads_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    reading = was(walking, "Reading")
    patch.setattr(walking, "Reading", lambda dialect, viewer, *rest: reading(dialect, seeing_all(viewer), *rest))


@rare
def an_order_reads_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    reading = was(listing, "Reading")
    patch.setattr(listing, "Reading", lambda dialect, viewer, *rest: reading(dialect, seeing_all(viewer), *rest))


@rare
def a_search_finds_hidden_texts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "visible_facets", lambda *_: true())


@rare
def a_search_finds_hidden_parts_of_events(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "visible_event_facets", lambda *_: true())


@leak
def hidden_events_make_pages_short(patch: pytest.MonkeyPatch) -> None:
    newest = was(events, "newest_events")
    patch.setattr(events, "newest_events", lambda dialect, _, *rest: newest(dialect, ALL, *rest))


@rare
def a_conflict_shows_events_beyond_the_scope(patch: pytest.MonkeyPatch) -> None:
    page = was(service, "feed_page")
    patch.setattr(service, "feed_page", lambda unit, viewer, *rest: page(unit, seeing_all(viewer), *rest))


@rare
def lists_are_in_the_order_of_hidden_changes(patch: pytest.MonkeyPatch) -> None:
    listed = was(read_lists, "list_page")

    async def by_change(unit: Any, viewer: Any, *rest: Any) -> Any:
        found = await listed(unit, viewer, *rest)
        query = select(EntityRow.id, EntityRow.since).where(EntityRow.world == viewer.world)
        since = dict(tuple(row) for row in await unit.session.execute(query))
        return sorted(found, key=lambda one: -since[one.view.id])

    patch.setattr(read_lists, "list_page", by_change)


@leak
def hidden_changes_move_updated_at(patch: pytest.MonkeyPatch) -> None:
    views = was(entities, "views")

    async def moved(unit: Any, viewer: Any, keys: Sequence[str]) -> Any:
        found = await views(unit, viewer, keys)
        for view in found:
            query = select(func.max(FacetRow.changed_at)).where(
                FacetRow.world == viewer.world, FacetRow.entity == view.id
            )
            view.updated_at = await unit.session.scalar(query)
        return found

    patch.setattr(entities, "views", moved)


@rare
def an_entity_tag_covers_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    views, tag = was(entities, "views"), was(schemas, "etag_of")

    async def whole(unit: Any, viewer: Any, keys: Sequence[str]) -> Any:
        everything = await views(unit, seeing_all(viewer), keys)
        found = await views(unit, viewer, keys)
        for view in found:
            view.whole = next(one for one in everything if one.id == view.id)
        return found

    patch.setattr(entities, "views", whole)
    patch.setattr(schemas, "etag_of", lambda view, key, viewer: tag(getattr(view, "whole", view), key, viewer))


@leak
def an_input_is_shown_to_members(patch: pytest.MonkeyPatch) -> None:
    def shown_wider(event: Any) -> list[EventFacet]:
        found = parts.facets_of(event)
        return [replace(one, keys=one.keys | {MEMBERS}) if "input" in one.content else one for one in found]

    patch.setattr(event_views, "facets_of", shown_wider)


@leak
def a_narrative_is_shown_beside_the_audience_of_its_event(patch: pytest.MonkeyPatch) -> None:
    def beside(event: Any) -> list[EventFacet]:
        found = parts.facets_of(event)
        head = found[0].content["head"]
        if not isinstance(head, dict) or "narrative" not in head or MEMBERS in found[0].keys:
            return found
        common = {name: found[0].content[name] for name in ("id", "at")}
        told: Any = {"narrative": head["narrative"]}
        return [*found, EventFacet(len(found), frozenset({MEMBERS}), {**common, "head": told})]

    patch.setattr(event_views, "facets_of", beside)


@rare
def a_hidden_cause_is_shown(patch: pytest.MonkeyPatch) -> None:
    async def every(_unit: Any, _viewer: Any, heads: Sequence[Any]) -> set[str]:
        return {str(head["cause"]) for head in heads if "cause" in head}

    patch.setattr(events, "_visible_causes", every)


@rare
def a_hidden_target_is_shown(patch: pytest.MonkeyPatch) -> None:
    async def every(_unit: Any, _viewer: Any, keys: Any) -> set[str]:
        return set(keys)

    patch.setattr(events, "visible_ids", every)


@rare
def who_acted_is_shown_to_strangers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(events, "_sees_principal", lambda *_: True)


@rare
def changes_are_in_the_order_of_their_audiences(patch: pytest.MonkeyPatch) -> None:
    def unordered(changes: list[dict[str, Any]]) -> None:
        for change in changes:
            del change[parts.NUMBER]

    patch.setattr(events, "_order", unordered)


@leak
def everybody_sees_positions(patch: pytest.MonkeyPatch) -> None:
    one = shown._shown
    patch.setattr(shown, "_shown", lambda view, **_: one(view, with_position=True))


@rare
def each_event_has_a_moment_of_its_own(patch: pytest.MonkeyPatch) -> None:
    made = was(turn, "events_of")

    def stepped(*given: Any) -> list[Any]:
        found = made(*given)
        step = timedelta(microseconds=1)
        return [replace(one, recorded_at=one.recorded_at + index * step) for index, one in enumerate(found)]

    patch.setattr(turn, "events_of", stepped)


@rare
def a_new_owner_is_shown_the_past(patch: pytest.MonkeyPatch) -> None:
    def whole(recorded: Any, number: int) -> list[Any]:
        change = recorded.change
        told = {parts.NUMBER: number, "entity": change.entity, "kind": change.kind, "field": change.field}
        return [(recorded.keys | recorded.keys_before, {**told, "before": change.before, "after": change.after})]

    patch.setattr(parts, "_sides", whole)


@rare
def an_answer_shows_events_beyond_the_scope(patch: pytest.MonkeyPatch) -> None:
    at = was(service, "events_at")
    patch.setattr(service, "events_at", lambda unit, viewer, where: at(unit, seeing_all(viewer), where))


@rare
def a_hidden_id_is_denied_and_not_missing(patch: pytest.MonkeyPatch) -> None:
    named = asking._named

    def told(deciding: Any, key: str, *rest: Any, **options: Any) -> Any:
        if key in deciding.request.hidden and deciding.working.entity(key) is not None:
            raise RefusalError("denied", "this is not for you")
        return named(deciding, key, *rest, **options)

    patch.setattr(asking, "_named", told)


@rare
def an_error_says_what_a_hidden_id_is_of(patch: pytest.MonkeyPatch) -> None:
    named = asking._named

    def told(deciding: Any, key: str, *rest: Any, **options: Any) -> Any:
        found = deciding.working.entity(key)
        if key in deciding.request.hidden and found is not None:
            raise RefusalError("not_found", f"there is no such {found.kind} for you")
        return named(deciding, key, *rest, **options)

    patch.setattr(asking, "_named", told)


@rare
def what_is_allowed_looks_at_hidden_entities(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(allowed, "named_by", lambda *_: set())


@rare
def who_left_a_group_still_belongs_to_it(patch: pytest.MonkeyPatch) -> None:
    groups, known = resolver._groups, dict[tuple[str, str], set[str]]()

    async def remembered(unit: Any, world: str, pack: Any, user: str) -> set[str]:
        held = known.setdefault((world, user), set())
        held |= await groups(unit, world, pack, user)
        return held

    patch.setattr(resolver, "_groups", remembered)


@leak
def everybody_outside_is_taken_for_a_member(patch: pytest.MonkeyPatch) -> None:
    outside = resolver._outside

    async def trusted(*given: Any) -> Scope:
        scope: Scope = await outside(*given)
        return replace(scope, keys=scope.keys | {MEMBERS})

    patch.setattr(resolver, "_outside", trusted)


@leak
def every_member_has_every_role(patch: pytest.MonkeyPatch) -> None:
    groups = resolver._groups

    async def promoted(unit: Any, world: str, pack: Any, user: str) -> set[str]:
        return {*await groups(unit, world, pack, user), *map(role_key, pack.roles)}

    patch.setattr(resolver, "_groups", promoted)


@leak
def a_cursor_can_be_read(patch: pytest.MonkeyPatch) -> None:
    def seal(_self: Any, payload: Any, *_bound: str) -> str:
        return base64.urlsafe_b64encode(json.dumps({"at": payload, "in": "this list"}).encode()).decode()

    def opened(_self: Any, text: str, *_bound: str) -> Any:
        try:
            return json.loads(base64.urlsafe_b64decode(text))["at"]
        except ValueError as error:
            raise seals.BrokenSealError from error

    patch.setattr(seals.Seals, "seal", seal)
    patch.setattr(seals.Seals, "open", opened)


@rare
def a_cursor_is_as_long_as_its_place(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(seals, "_BLOCK_BYTES", 1)


@rare
def an_explanation_shows_hidden_values(patch: pytest.MonkeyPatch) -> None:
    before = was(explained_events, "seen_before")
    patch.setattr(explained_events, "seen_before", lambda unit, _, *rest: before(unit, ALL, *rest))


@rare
def a_refusal_explains_itself_by_hidden_values(patch: pytest.MonkeyPatch) -> None:
    now = was(service, "seen_now")
    patch.setattr(service, "seen_now", lambda unit, _, *rest: now(unit, ALL, *rest))
