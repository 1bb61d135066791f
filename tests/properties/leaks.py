"""Leaks to be planted in the engine, each in one place, for the proof to find; not the tests that plant them."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import ModuleType
from typing import Any, Final

import pytest
from sqlalchemy import func, select, true

from reality_engine.actions import allowed, service, turn
from reality_engine.app.proving import asking as requests
from reality_engine.app.proving import pairs
from reality_engine.kernel.errors import DeniedError, NotFoundError
from reality_engine.projection import event_views
from reality_engine.reads import dependencies, explained_events, schemas, shown
from reality_engine.reads import listing as read_lists
from reality_engine.rules import asking
from reality_engine.rules.decision import RefusalError
from reality_engine.state.audience import MEMBERS, group_key, role_key, user_key
from reality_engine.state.models import EntityRow, FacetRow
from reality_engine.visibility import entities, events, parts, resolver, search
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.lists import listing, walking
from reality_engine.visibility.parts import EventFacet
from reality_engine.web import seals

Plant = Callable[[pytest.MonkeyPatch], None]
ALL: Final = Scope(frozenset(), everything=True)


def was(module: ModuleType | type, name: str) -> Any:
    """Return what a module has before it is patched, whether or not it is meant for others."""
    return getattr(module, name)


def seeing_all(viewer: Any) -> Any:
    """Return a viewer who sees everything."""
    return replace(viewer, scope=ALL)


@dataclass(frozen=True)
class Aim:
    """Where the requests of a proof go mostly, so that it need not be long until one comes by a leak.

    `path` is how the path of an endpoint ends, `lens` one of the ways to look through a list, `reads` how many of a
    hundred requests are to read.
    """

    path: str | None = None
    lens: str | None = None
    reads: int | None = None

    def take(self, patch: pytest.MonkeyPatch) -> None:
        """Let a proof ask mostly this, and little of each pair: what is found in a short script is soon confirmed."""
        patch.setattr(pairs, "_TALKS", 3)
        lenses = [(name, 100.0 if name == self.lens else 3.0) for name, _ in was(requests, "_LENSES")]
        if self.lens is not None:
            patch.setattr(requests, "_LENSES", tuple(lenses))
        if self.path is not None:
            patch.setattr(requests, "_WEIGHTS", ((self.path, 60.0),))
        if self.reads is not None:
            patch.setattr(pairs, "_READS", self.reads)


LEAKS: Final[dict[str, tuple[Plant, Aim]]] = {}
RARE: Final[dict[str, Plant]] = {}


def leak(path: str | None = None, lens: str | None = None, reads: int | None = None) -> Callable[[Plant], Plant]:
    """Add a leak to the catalogue, with where to look for it."""

    def added(plant: Plant) -> Plant:
        LEAKS[plant.__name__] = (plant, Aim(path, lens, reads))
        return plant

    return added


def rare(plant: Plant) -> Plant:
    """Add a leak for which it is not known yet in how many cases it is found."""
    RARE[plant.__name__] = plant
    return plant


@leak()
def hidden_fields_are_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entities, "held_by", lambda *_: true())


@leak()
def hidden_entities_make_pages_short(patch: pytest.MonkeyPatch) -> None:
    walks = was(listing, "Walks")
    patch.setattr(listing, "Walks", lambda dialect, viewer, *rest: walks(dialect, seeing_all(viewer), *rest))


@leak()
def hidden_entities_are_counted(patch: pytest.MonkeyPatch) -> None:
    count = was(read_lists, "count")
    patch.setattr(read_lists, "count", lambda unit, viewer, *rest: count(unit, seeing_all(viewer), *rest))


@leak(lens="filter")
def a_filter_reads_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    reading = was(walking, "Reading")
    patch.setattr(walking, "Reading", lambda dialect, viewer, *rest: reading(dialect, seeing_all(viewer), *rest))


@rare
def an_order_reads_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    reading = was(listing, "Reading")
    patch.setattr(listing, "Reading", lambda dialect, viewer, *rest: reading(dialect, seeing_all(viewer), *rest))


@leak("/entities", lens="q")
def a_search_finds_hidden_texts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "visible_facets", lambda *_: true())


@rare
def a_search_finds_hidden_parts_of_events(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "visible_event_facets", lambda *_: true())


@leak(path="/feed")
def hidden_events_make_pages_short(patch: pytest.MonkeyPatch) -> None:
    newest = was(events, "newest_events")
    patch.setattr(events, "newest_events", lambda dialect, _, *rest: newest(dialect, ALL, *rest))


@rare
def a_conflict_shows_events_beyond_the_scope(patch: pytest.MonkeyPatch) -> None:
    page = was(service, "feed_page")
    patch.setattr(service, "feed_page", lambda unit, viewer, *rest: page(unit, seeing_all(viewer), *rest))


@leak("/entities", lens="")
def lists_are_in_the_order_of_hidden_changes(patch: pytest.MonkeyPatch) -> None:
    listed = was(read_lists, "list_page")

    async def by_change(unit: Any, viewer: Any, *rest: Any) -> Any:
        found = await listed(unit, viewer, *rest)
        query = select(EntityRow.id, EntityRow.since).where(EntityRow.world == viewer.world)
        since = dict(tuple(row) for row in await unit.session.execute(query))
        return sorted(found, key=lambda one: -since[one.view.id])

    patch.setattr(read_lists, "list_page", by_change)


@leak()
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


@leak(path="/feed")
def an_input_is_shown_to_members(patch: pytest.MonkeyPatch) -> None:
    def shown_wider(event: Any) -> list[EventFacet]:
        found = parts.facets_of(event)
        return [replace(one, keys=one.keys | {MEMBERS}) if "input" in one.content else one for one in found]

    patch.setattr(event_views, "facets_of", shown_wider)


@leak(path="/feed")
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


@leak(path="/feed")
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


@leak(reads=10)
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


@leak()
def everybody_outside_is_taken_for_a_member(patch: pytest.MonkeyPatch) -> None:
    outside = resolver._outside

    async def trusted(*given: Any) -> Scope:
        scope: Scope = await outside(*given)
        return replace(scope, keys=scope.keys | {MEMBERS})

    patch.setattr(resolver, "_outside", trusted)


@leak()
def every_member_has_every_role(patch: pytest.MonkeyPatch) -> None:
    groups = resolver._groups

    async def promoted(unit: Any, world: str, pack: Any, user: str) -> set[str]:
        return {*await groups(unit, world, pack, user), *map(role_key, pack.roles)}

    patch.setattr(resolver, "_groups", promoted)


@leak()
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


@leak("/entities/{entity}")
def a_hidden_entity_is_denied_and_not_missing(patch: pytest.MonkeyPatch) -> None:
    get = was(entities, "get_entity")

    async def told(unit: Any, viewer: Any, key: str) -> Any:
        try:
            return await get(unit, viewer, key)
        except NotFoundError:
            if await entities.visible_ids(unit, seeing_all(viewer), {key}):
                raise DeniedError("this is not for you") from None
            raise

    patch.setattr(entities, "get_entity", told)


@leak("/events/{event}")
def a_hidden_event_is_denied_and_not_missing(patch: pytest.MonkeyPatch) -> None:
    position = was(explained_events, "position_of")

    async def told(unit: Any, scope: Any, world: str, key: str) -> Any:
        found = await position(unit, scope, world, key)
        if found is None and await position(unit, ALL, world, key) is not None:
            raise DeniedError("this is not for you")
        return found

    patch.setattr(explained_events, "position_of", told)


@leak("/feed")
def the_point_at_which_an_answer_stands_can_be_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dependencies, "stand_at", lambda *given: f"at {given[-1]}")


@leak(reads=10)
def a_refusal_says_how_much_has_happened(patch: pytest.MonkeyPatch) -> None:
    answered = was(service, "_answer")

    async def told(actions: Any, under: Any, *rest: Any) -> Any:
        answer = await answered(actions, under, *rest)
        return answer if answer.accepted else replace(answer, message=f"{answer.message} ({under.head.position})")

    patch.setattr(service, "_answer", told)


@leak()
def everybody_belongs_to_every_group(patch: pytest.MonkeyPatch) -> None:
    async def every(unit: Any, world: str, *_: Any) -> set[str]:
        return {
            group_key(key) for key in await unit.session.scalars(select(EntityRow.id).where(EntityRow.world == world))
        }

    patch.setattr(resolver, "_groups", every)


@leak()
def everybody_holds_the_keys_of_every_owner(patch: pytest.MonkeyPatch) -> None:
    groups = was(resolver, "_groups")

    async def borrowed(unit: Any, world: str, *rest: Any) -> set[str]:
        owners = select(EntityRow.owner).where(EntityRow.world == world, EntityRow.owner.is_not(None)).distinct()
        return {*await groups(unit, world, *rest), *map(user_key, await unit.session.scalars(owners))}

    patch.setattr(resolver, "_groups", borrowed)
