from reality_engine.erasure.answers import ids_in, told_anew
from reality_engine.erasure.speech import Values

REFUSAL = {
    "outcome": "refused", "events": [], "code": "requirement_failed", "message": "Quill Ross has only 2 coin",
    "problems": [{"code": "requirement_failed", "message": "Quill Ross has only 2 coin", "field": None, "hint": None}],
}  # fmt: skip


def values(*texts: str) -> Values:
    made = Values()
    for text in texts:
        made.add(text)
    return made


def test_a_refusal_is_told_without_what_is_erased() -> None:
    told = told_anew(REFUSAL, {}, values("Quill", "Quill Ross"))
    assert told["message"] == "[erased] has only 2 coin"
    assert [problem["message"] for problem in told["problems"]] == ["[erased] has only 2 coin"]
    assert (
        told_anew({**REFUSAL, "parts": [REFUSAL]}, {}, values("Quill Ross"))["parts"][0]["message"] == told["message"]
    )


def test_what_only_looks_like_it_stays() -> None:
    assert told_anew(REFUSAL, {}, values("Quil", "Ros", "2", "")) == REFUSAL


def test_the_events_of_all_parts_are_looked_at() -> None:
    parts = [{"events": [{"id": "b"}]}, {"events": [{"id": "c"}], "parts": [{"events": [{"id": "d"}]}]}]
    assert [*ids_in({"events": [{"id": "a"}], "parts": parts})] == ["a", "b", "c", "d"]
