"""Values come back from the engine as they went in, whatever their type."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reality_engine.expressions.environment import Environment
from reality_engine.expressions.errors import EvaluationError
from reality_engine.expressions.fitting import fit
from reality_engine.expressions.types import (
    BOOLEAN,
    DURATION,
    INTEGER,
    JSON,
    NUMBER,
    TEXT,
    TIMESTAMP,
    Shapes,
    Type,
    list_of,
    map_of,
    record_of,
)
from reality_engine.expressions.values import duration_text, parse_duration
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import MAX_INTEGER, Plain
from tests.unit.expressions.harbor import World

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
INTEGERS = st.integers(-MAX_INTEGER, MAX_INTEGER)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(to_text)
DURATIONS = st.timedeltas(timedelta(days=-90_000), timedelta(days=90_000)).map(duration_text)
JSONS: st.SearchStrategy[Plain] = st.recursive(
    st.none() | st.booleans() | INTEGERS | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
SCALARS: list[tuple[Type, st.SearchStrategy[Plain]]] = [
    (TEXT, TEXTS),
    (INTEGER, INTEGERS),
    (NUMBER, NUMBERS),
    (BOOLEAN, st.booleans()),
    (TIMESTAMP, MOMENTS),
    (DURATION, DURATIONS),
    (JSON, JSONS.filter(lambda value: value is not None)),
]
Typed = tuple[Type, Plain]


def typed(depth: int) -> st.SearchStrategy[Typed]:
    """Return types with values of them, nested so deep."""
    scalar = st.sampled_from(SCALARS).flatmap(lambda pair: pair[1].map(lambda value: (pair[0], value)))
    if depth == 0:
        return scalar
    inner = typed(depth - 1)
    listed = inner.map(lambda pair: (list_of(pair[0]), [pair[1]] * 2))
    mapped = st.tuples(TEXTS, inner).map(lambda both: (map_of(both[1][0]), {both[0]: both[1][1]}))
    record = inner.map(lambda pair: (record_of(a_b=pair[0], none=TEXT), {"a_b": pair[1]}))
    return scalar | listed | mapped | record


@given(typed(2))
def test_a_value_comes_back_as_it_went_in(pair: Typed) -> None:
    type_, value = pair
    environment = Environment(Shapes(), {"x": type_})
    assert environment.expression("x", type_).evaluate(World(values={("x",): value})) == value
    assert environment.expression("[x][0]").evaluate(World(values={("x",): value})) == value


@given(typed(1), JSONS, st.sampled_from(["x", "[x]", "{'a': x}", "x == x", "dyn(x)", "[x].map(y, y)"]))
def test_a_value_of_another_type_never_raises_anything_else(pair: Typed, value: Plain, source: str) -> None:
    expression = Environment(Shapes(), {"x": pair[0]}).expression(source)
    try:
        expression.evaluate(World(values={("x",): value}))
    except EvaluationError:
        return


@given(JSONS, typed(2))
def test_fitting_gives_the_form_or_an_evaluation_error(value: Plain, pair: Typed) -> None:
    try:
        fitted = fit(value, pair[0])
    except EvaluationError:
        return
    assert fit(fitted, pair[0]) == fitted


@given(st.timedeltas())
def test_durations_are_read_as_they_are_written(duration: timedelta) -> None:
    assert parse_duration(duration_text(duration)) == duration


@pytest.mark.parametrize("text", ["5400", "1h", "s", "", "NaNs", "Infinitys", "1e400s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(("write", "gives"), [(timedelta(0), "0s"), (timedelta(seconds=-1.5), "-1.500s")])
def test_durations_are_written_in_seconds(write: timedelta, gives: str) -> None:
    assert duration_text(write) == gives
