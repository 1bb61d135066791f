"""The canonical form is that of RFC 8785 for every value, whichever library wrote it."""

from typing import Any

import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from reality_engine.kernel.json import canonical, same

TEXTS = st.text(st.characters(codec=None), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.floats() | TEXTS
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


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
