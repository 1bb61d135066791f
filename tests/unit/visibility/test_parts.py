from datetime import UTC, datetime
from typing import Any

from reality_engine.eventlog.event import Event, Recorded
from reality_engine.state.entity import Change
from reality_engine.visibility.parts import facets_of

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ALL, SOME, ME = frozenset({"everyone"}), frozenset({"role:gm"}), frozenset({"user:mira"})
EVENT = Event(
    id="e", position=1, type="moved", recorded_at=AT, correlation="e", depth=0, pack="p", principal_kind="person",
    principal="mira", credential="secret session", keys=ALL, action="move",
)  # fmt: skip


def change(field: str, keys: frozenset[str], before: frozenset[str] | None = None) -> Recorded:
    return Recorded(Change("x", "thing", field, 1, 2), keys, keys if before is None else before)


def test_the_head_is_the_first_facet_and_has_no_credential() -> None:
    (head,) = facets_of(EVENT)
    assert (head.facet, head.keys) == (0, ALL)
    assert head.content["head"] == {"type": "moved", "action": "move", "by": {"kind": "person", "id": "mira"}}
    assert "secret session" not in str(head)


def test_each_change_is_for_those_who_see_its_field() -> None:
    event = EVENT._replace(changes=(change("a", ALL), change("b", SOME), change("c", SOME)))
    found = {facet.keys: facet.content for facet in facets_of(event)}
    assert set(found) == {ALL, SOME}
    assert [one["field"] for one in found[SOME]["changes"]] == ["b", "c"]  # type: ignore[index,call-overload,union-attr]
    assert "head" not in found[SOME]


def test_an_audience_that_changed_sees_its_own_side_alone() -> None:
    found: dict[frozenset[str], Any] = {
        facet.keys: facet.content for facet in facets_of(EVENT._replace(changes=(change("a", ME, SOME),)))
    }
    for keys, side, other in ((SOME, {"before": 1}, "after"), (ME, {"after": 2}, "before")):
        (shown,) = found[keys]["changes"]
        assert shown.items() >= {"entity": "x", "kind": "thing", "field": "a", **side}.items()
        assert other not in shown


def test_the_input_is_for_who_acted_and_of_the_world_itself_for_nobody() -> None:
    event = EVENT._replace(input={"n": 1})
    assert {facet.keys for facet in facets_of(event) if "input" in facet.content} == {ME}
    event = event._replace(principal_kind="world", principal="")
    assert {facet.keys for facet in facets_of(event) if "input" in facet.content} == {frozenset()}


def test_an_event_for_nobody_still_has_its_head() -> None:
    (head, rest) = facets_of(EVENT._replace(keys=frozenset(), changes=(change("a", ALL),)))
    assert (head.keys, head.facet, rest.keys) == (frozenset(), 0, ALL)
