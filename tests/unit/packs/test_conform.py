import pytest

from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import FieldType
from reality_engine.packs.conform import MisfitError, conform

TEXT = FieldType("text")


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        (TEXT, "é", "é"),
        (FieldType("integer"), 2.0, 2),
        (FieldType("number"), 2, 2.0),
        (FieldType("timestamp"), "2026-05-01T18:00:00+02:00", "2026-05-01T16:00:00.000000Z"),
        (FieldType("date"), "2026-05-01", "2026-05-01"),
        (FieldType("duration"), "1h30m", "5400s"),
        (FieldType("duration"), "5400s", "5400s"),
        (FieldType("meter", maximum=8), 9, 8),
        (FieldType("meter", maximum=8), 2**53 + 2, 8),
        (FieldType("set", of=TEXT), ["b", "a", "b"], ["a", "b"]),
        (FieldType("map", of=FieldType("number")), {"a": 1}, {"a": 1.0}),
        (FieldType("record", fields=(("a", TEXT), ("b", TEXT)), optional=("b",)), {"a": "x", "b": None}, {"a": "x"}),
        (FieldType("json"), {"a": [1, None, True]}, {"a": [1, None, True]}),
    ],
)
def test_a_value_is_brought_into_its_stored_form_and_stays_there(kind: FieldType, given: Plain, stored: Plain) -> None:
    assert conform(given, kind) == stored
    assert type(conform(given, kind)) is type(stored)
    assert conform(stored, kind) == stored


@pytest.mark.parametrize(
    ("kind", "given", "path"),
    [
        (TEXT, 5, ()),
        (FieldType("text", max_length=2), "abc", ()),
        (TEXT, "\x00", ()),
        (TEXT, "\ud800", ()),
        (FieldType("integer"), True, ()),
        (FieldType("integer"), 2**53, ()),
        (FieldType("integer", maximum=3), 4, ()),
        (FieldType("number"), float("nan"), ()),
        (FieldType("boolean"), 1, ()),
        (FieldType("enum", values=("a",)), "b", ()),
        (FieldType("timestamp"), "2026-05-01T18:00:00", ()),
        (FieldType("date"), "2026-02-30", ()),
        (FieldType("duration"), "", ()),
        (FieldType("ref", kind="x"), "not-an-id", ()),
        (FieldType("list", of=TEXT), ["a", 1], ("1",)),
        (FieldType("list", of=TEXT, max_items=1), ["a", "b"], ()),
        (FieldType("map", of=FieldType("list", of=TEXT)), {"a": [1]}, ("a", "0")),
        (FieldType("record", fields=(("a", TEXT),)), {}, ("a",)),
        (FieldType("record", fields=(("a", TEXT),)), {"a": "x", "c": 1}, ("c",)),
    ],
)
def test_what_does_not_fit_is_told_with_the_way_to_it(kind: FieldType, given: Plain, path: tuple[str, ...]) -> None:
    with pytest.raises(MisfitError) as raised:
        conform(given, kind)
    assert raised.value.path == path


def test_digits_without_end_are_no_duration() -> None:
    with pytest.raises(MisfitError, match="is not a duration"):
        conform("9" * 5000 + "s", FieldType("duration"))
