"""The form of inputs says what the rules take: what it admits conforms, and what conforms it admits as it is stored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reality_engine.kernel.json import MAX_INTEGER, Plain
from reality_engine.packs.compiled import FieldType
from reality_engine.packs.conform import MisfitError, conform
from reality_engine.packs.value_schema import DIALECT, input_schema, value_schema
from tests.json_schema import admits
from tests.unit.rules.worlds import world_of

INNER = (
    FieldType("text", max_length=3),
    FieldType("integer", minimum=-2, maximum=3),
    FieldType("number", minimum=0.5),
    FieldType("boolean"),
    FieldType("enum", values=("open", "closed")),
    FieldType("timestamp"),
    FieldType("date"),
    FieldType("duration"),
    FieldType("ref", kind="thing"),
    FieldType("json"),
)
TYPES = (
    *INNER,
    FieldType("text"),
    FieldType("integer"),
    FieldType("number"),
    *(FieldType(base, of=of, max_items=2) for base in ("list", "map") for of in INNER),
    FieldType("set", of=INNER[0], max_items=2),
    FieldType("record", fields=(("a", INNER[0]), ("b", INNER[1])), optional=("b",)),
)
ID = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
LEAVES: st.SearchStrategy[Plain] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([MAX_INTEGER, -MAX_INTEGER, 0.5, 0.25, 2.0, 1e300]),
    st.text(st.sampled_from("ab1é"), max_size=5),
    st.sampled_from(
        ["open", ID, ID.upper(), "2026-05-01", "2026-13-01", "2026-05-01T18:00:00Z", "2026-05-01T18:00:00"]
    ),
    st.sampled_from(["90s", "1d2h", "2h1d", "s", "9999999999999s", ""]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(kind=st.sampled_from(TYPES), value=VALUES)
def test_a_form_admits_what_the_rules_take(kind: FieldType, value: Plain) -> None:
    try:
        stored = conform(value, kind)
    except MisfitError:
        assert not admits(value_schema(kind), value)
        return
    assert admits(value_schema(kind), stored)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: f"{kind.base} {kind.of.base if kind.of else ''}")
def test_every_type_has_values_that_its_form_admits_and_others(kind: FieldType) -> None:
    good = [value for value in GOOD if admits(value_schema(kind), value)]
    assert good
    assert kind.base == "json" or len(good) < len(GOOD)


@pytest.mark.parametrize("value", [MAX_INTEGER + 1, -MAX_INTEGER - 1])
def test_an_integer_is_one_that_json_keeps(value: int) -> None:
    assert not admits(value_schema(FieldType("integer")), value)


GOOD: list[Any] = [
    "a", 1, 0.5, True, "open", "2026-05-01T18:00:00Z", "2026-05-01", "90s", ID, [], {}, {"a": "b"}, None,
]  # fmt: skip


def test_the_form_of_an_input_says_what_is_required_and_what_stands_in() -> None:
    pack = world_of(
        """
kinds: {thing: {visible_to: [everyone], fields: {name: text}}}
actions:
  act:
    allow: "true"
    input:
      n: {type: integer, min: 1, default: 2, title: How many}
      to: {type: ref, kind: thing}
      why: {type: text, required: false, max_length: 10}
  bare: {allow: "true"}
"""
    ).pack
    assert input_schema(pack.actions["act"]) == {
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1, "maximum": MAX_INTEGER, "default": 2, "title": "How many"},
            "to": {"type": "string", "format": "uuid", "pattern": "^[0-9a-f-]{36}$", "x-kind": "thing"},
            "why": {"type": "string", "maxLength": 10},
        },
        "additionalProperties": False,
        "required": ["to"],
    }
    assert input_schema(pack.actions["bare"]) == {
        "$schema": DIALECT, "type": "object", "properties": {}, "additionalProperties": False,
    }  # fmt: skip
