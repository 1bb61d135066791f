from typing import TYPE_CHECKING

from reality_engine.actions.answer import Answer, Created

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain


def life(entity: str, **sides: str | None) -> "Plain":
    return {"entity": entity, "kind": "boat", "field": "@life", **sides}


def told(*events: "list[Plain]") -> list[Created]:
    return Answer("accepted", tuple({"id": str(number), "changes": each} for number, each in enumerate(events))).created


def test_what_came_to_be_is_told_in_order_across_events() -> None:
    named: Plain = {"entity": "b", "kind": "boat", "field": "name", "before": None, "after": "Gull"}
    events = [life("b", before=None, after="live"), named], [life("a", before=None, after="live")]
    assert told(*events) == [Created("b", "boat"), Created("a", "boat")]


def test_what_was_deleted_at_once_is_not_told() -> None:
    assert told([life("a", before=None, after="live")], [life("a", before="live", after="deleted")]) == []


def test_what_was_brought_back_did_not_come_to_be() -> None:
    assert told([life("a", before="deleted", after="live"), life("b", after="live")]) == []


def test_an_event_of_which_no_change_is_seen_tells_of_nothing() -> None:
    assert Answer("accepted", ({"id": "1"},)).created == []


def test_a_kept_answer_tells_the_same() -> None:
    answer = Answer("accepted", ({"id": "1", "changes": [life("a", before=None, after="live")]},))
    assert Answer.from_json(answer.to_json()).created == [Created("a", "boat")]
