import pytest
from hypothesis import given
from hypothesis import strategies as st

from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.json import Plain
from reality_engine.visibility.keys import EVERYTHING, newest_first, pack_key
from reality_engine.visibility.sortable import SORTABLE_BYTES, SORTED_TEXT, of_number, sortable
from tests.serving import NOON

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(NUMBERS, NUMBERS)
def test_numbers_sort_as_their_bytes(one: float, other: float) -> None:
    assert (of_number(one) < of_number(other)) == (float(one) < float(other))
    assert (of_number(one) == of_number(other)) == (float(one) == float(other))


@given(TEXTS, TEXTS)
def test_texts_sort_as_their_bytes_as_far_as_they_count(one: str, other: str) -> None:
    left, right = sortable("text", one), sortable("text", other)
    assert left is not None
    assert right is not None
    assert (left < right) == (one[:SORTED_TEXT] < other[:SORTED_TEXT])
    assert len(left) <= SORTABLE_BYTES


def test_the_longest_text_fits() -> None:
    assert len(sortable("text", "\U0001f480" * 1000) or b"") == SORTABLE_BYTES


@pytest.mark.parametrize(
    ("base", "value"),
    [("integer", "3"), ("integer", True), ("boolean", 1), ("text", 3), ("duration", "90"), ("duration", "-1s"),
     ("timestamp", 3), ("number", None), ("text", None), ("text", ["a"])],
)  # fmt: skip
def test_what_is_not_of_the_type_has_no_bytes(base: str, value: Plain) -> None:
    assert sortable(base, value) is None


def test_durations_and_booleans_sort_by_what_they_mean() -> None:
    durations = [sortable("duration", text) or b"" for text in ("9s", "10s", "90s", "5400s")]
    assert durations == sorted(durations)
    assert (sortable("boolean", value=False) or b"") < (sortable("boolean", value=True) or b"")


def test_what_was_made_later_sorts_before() -> None:
    ids = sorted(fresh_id(NOON) for _ in range(9))
    assert sorted(ids, key=newest_first) == ids[::-1]


def test_nobody_holds_the_key_of_who_sees_everything() -> None:
    keys = ["everyone", "members", "role:!", "role:gm", "user:!", "group:!"]
    assert EVERYTHING not in {pack_key(key) for key in keys}
