"""Leaks by what the feed shows of events: their inputs, narratives, changes, and how many there are."""

from typing import Any

import pytest
from sqlalchemy import true

from reality_engine.packs.audience import MEMBERS
from reality_engine.visibility import events, parts, search, statements
from reality_engine.visibility.parts import EventFacet
from tests.properties.leaks.catalogue import ALL, Aim, leak, was


@leak("page", Aim("/feed"))
def hidden_events_make_pages_short(patch: pytest.MonkeyPatch) -> None:
    newest = was(statements, "newest_events")
    patch.setattr(statements, "newest_events", lambda dialect, _, *rest: newest(dialect, ALL, *rest))


@leak("input", Aim("/feed"))
def an_input_is_shown_to_members(patch: pytest.MonkeyPatch) -> None:
    split = was(parts, "facets_of")

    def shown_wider(event: Any) -> list[EventFacet]:
        found: list[EventFacet] = split(event)
        return [one._replace(keys=one.keys | {MEMBERS}) if "input" in one.content else one for one in found]

    patch.setattr(parts, "facets_of", shown_wider)


@leak("narrative", Aim("/feed"), often=True)
def a_narrative_is_shown_beside_the_audience_of_its_event(patch: pytest.MonkeyPatch) -> None:
    split = was(parts, "facets_of")

    def beside(event: Any) -> list[EventFacet]:
        found: list[EventFacet] = split(event)
        head = found[0].content["head"]
        if not isinstance(head, dict) or "narrative" not in head or MEMBERS in found[0].keys:
            return found
        common = {name: found[0].content[name] for name in ("id", "at")}
        told: Any = {"narrative": head["narrative"]}
        return [*found, EventFacet(len(found), frozenset({MEMBERS}), {**common, "head": told})]

    patch.setattr(parts, "facets_of", beside)


@leak("search", Aim("/feed", lens="q"), pack="pawns", often=True)
def a_search_finds_hidden_parts_of_events(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "visible_event_facets", lambda *_: true())


@leak("order", Aim("/feed"), pack="flags")
def changes_are_in_the_order_of_their_audiences(patch: pytest.MonkeyPatch) -> None:
    def unordered(changes: list[dict[str, Any]]) -> None:
        for change in changes:
            del change[parts.NUMBER]

    patch.setattr(events, "_order", unordered)


@leak("past", Aim("/feed"), pack="tents")
def a_value_is_shown_that_was_there_before_it_was_seen(patch: pytest.MonkeyPatch) -> None:
    def whole(recorded: Any, number: int) -> list[Any]:
        change = recorded.change
        told = {parts.NUMBER: number, "entity": change.entity, "kind": change.kind, "field": change.field}
        return [(recorded.keys | recorded.keys_before, {**told, "before": change.before, "after": change.after})]

    patch.setattr(parts, "_sides", whole)
