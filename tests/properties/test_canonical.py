"""The canonical form is that of RFC 8785 for every value, whichever library wrote it."""

from typing import Any

import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from reality_engine.eventlog.chain import sealed_body
from reality_engine.eventlog.content import to_content
from reality_engine.eventlog.event import Event, Recorded
from reality_engine.eventlog.sealing import Sealing, check_private
from reality_engine.kernel.json import canonical, same
from reality_engine.state.entity import Change
from tests.serving import NOON

TEXTS = st.text(st.characters(codec=None), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.floats() | TEXTS
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)

EVENT = Event("1", 1, "happened", NOON, "1", 0, "pack", "person", "2", None, frozenset({"members"}))


def written(writer: Any, value: Any) -> bytes | type[Exception]:
    """Return what a writer makes of a value, or that it refuses it."""
    try:
        text: bytes = writer(value)
    except (ValueError, TypeError):
        return ValueError
    return text


@given(TREES)
@example({"\U00010000": 1, "\uffff": 2})  # in UTF-16 the first of them comes first
@example({"é": 1, "z": 2, "\ue000": [None]})
@example({'\x00\x1f\x7f"\\/\b\u2028': '\x00\x1f\x7f"\\/\b\u2028'})
@example([2**53, -(2**53)])
@example([2**53 - 1, -(2**53 - 1), 2**70])
@example([1.0, 1e16, 1e21, 1e-7, -0.0, 0.1])
@example(float("nan"))
@example("\ud800")
def test_the_canonical_form_is_that_of_the_standard(value: Any) -> None:
    assert written(canonical, value) == written(rfc8785.dumps, value)


@given(st.lists(SCALARS, max_size=4), st.sampled_from(["input", "rolls", "changes", "data"]))
@example([1.0], "changes")
@example([], "input")
def test_the_content_of_an_event_is_hashed_in_it_whatever_it_holds(values: list[Any], part: str) -> None:
    held: Any = {str(number): value for number, value in enumerate(values)}
    if part == "changes":
        keys = frozenset({"members"})
        held = tuple(Recorded(Change("1", "thing", name, None, value), keys, keys) for name, value in held.items())
    event = EVENT._replace(**{part: held})
    sealing = Sealing()
    if written(rfc8785.dumps, values) is ValueError:
        return
    body, private = sealed_body(event)
    if not private:
        tree, _ = to_content(event, sealing.hide)
        assert body == rfc8785.dumps(tree)
    check_private(private)


@given(TREES, TREES)
@example(1, 1.0)
@example(-0.0, 0)
@example([True], [1])
@example({"a": [1.0]}, {"a": [1]})
def test_two_values_are_the_same_that_have_one_canonical_form(left: Any, right: Any) -> None:
    forms = [written(rfc8785.dumps, value) for value in (left, right)]
    if ValueError not in forms:
        assert same(left, right) == (forms[0] == forms[1])
        assert same(left, left)
