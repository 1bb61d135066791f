"""What the wrapper promises whatever the engine does: the traps that were seen, each held shut."""

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from reality_engine.expressions import engine
from reality_engine.expressions.engine import RejectedError
from reality_engine.expressions.errors import EvaluationError, NoValueError
from reality_engine.expressions.messages import catalogue_of
from reality_engine.expressions.types import (
    BOOLEAN,
    DURATION,
    INTEGER,
    JSON,
    NUMBER,
    TEXT,
    TIMESTAMP,
    Type,
    list_of,
    map_of,
    record_of,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
THING = record_of(a_b=INTEGER, a__b=TEXT, at=TIMESTAMP, maps=map_of(map_of(TEXT)), any=JSON, rows=list_of(JSON))


def run(source: str, names: dict[str, Type] | None = None, **values: object) -> object:
    given = {name.replace("__", "."): value for name, value in values.items()}
    return engine.program(source, names or {}).run(given)


def checked(source: str, **names: Type) -> Type | None:
    return engine.check(source, names, catalogue_of(names.values())).result


@pytest.mark.parametrize("source", ["1 / 0", "[1][5]", "int('x')", "9223372036854775807 + 1", "timestamp('x')"])
def test_failures_are_raised_though_the_engine_returns_them_as_values(source: str) -> None:
    with pytest.raises(EvaluationError):
        run(source)


def test_an_absent_variable_is_told_by_its_dotted_name() -> None:
    with pytest.raises(NoValueError) as caught:
        run("actor.faction.name", {"actor.faction.name": TEXT})
    assert caught.value.path == ("actor", "faction", "name")


def test_an_absent_key_is_no_value() -> None:
    with pytest.raises(NoValueError):
        run("m.a", {"m": map_of(INTEGER)}, m={})


def test_a_failure_beside_true_is_absorbed_as_the_language_says() -> None:
    assert run("x || true", {"x": BOOLEAN}) is True


@pytest.mark.parametrize("value", [object(), (1,), {1}, "text", None, "\ud800", 2**70])
def test_values_of_foreign_types_fail_closed(value: object) -> None:
    with pytest.raises(EvaluationError):
        run("x + 1", {"x": INTEGER}, x=value)


def test_the_budget_of_iterations_ends_an_evaluation() -> None:
    with pytest.raises(EvaluationError):
        run("l.all(a, l.all(b, true))", {"l": list_of(INTEGER)}, l=[1] * 200)


def test_nesting_has_an_end() -> None:
    with pytest.raises(RejectedError):
        engine.parse("(" * 40 + "1" + ")" * 40)


def test_moments_pass_at_the_top_as_datetime_and_inside_as_messages() -> None:
    message = Timestamp()
    message.FromDatetime(NOW)
    assert run("now", {"now": TIMESTAMP}, now=NOW) == NOW
    assert run("l[0] == now", {"now": TIMESTAMP, "l": list_of(TIMESTAMP)}, now=NOW, l=[message]) is True
    assert run("d", {"d": DURATION}, d=timedelta(hours=1)) == timedelta(hours=1)


def test_members_of_records_have_static_types_even_with_similar_names() -> None:
    assert checked("r.map(x, x.a_b)", r=list_of(THING)) == list_of(INTEGER)
    assert checked("r.map(x, x.a__b)", r=list_of(THING)) == list_of(TEXT)
    assert checked("r[0].at", r=list_of(THING)) == TIMESTAMP
    assert checked("r[0].any.what", r=list_of(THING)) == JSON
    assert checked("r[0].maps['x']", r=list_of(THING)) == map_of(JSON)
    assert checked("r", r=list_of(THING)) == list_of(THING)


def test_an_unknown_member_is_rejected_with_its_column() -> None:
    with pytest.raises(RejectedError) as caught:
        checked("r.all(c, c.nope > 1)", r=list_of(THING))
    assert [(each.line, each.column) for each in caught.value.reports] == [(1, 11)]


def test_several_mistakes_are_all_reported() -> None:
    with pytest.raises(RejectedError) as caught:
        checked("i + 'x' == 'a' || i < 1.5", i=INTEGER)
    assert [each.column for each in caught.value.reports] == [3, 21]


def test_columns_count_characters_not_bytes() -> None:
    with pytest.raises(RejectedError) as caught:
        checked("'😀é' + 1")
    assert caught.value.reports[0].column == 6


def test_a_loop_variable_hides_a_dotted_variable() -> None:
    assert run("[{'b': 1}].all(a, a.b == 1) && a.b == 7", {"a.b": INTEGER}, a__b=7) is True


def test_integers_and_numbers_do_not_mix() -> None:
    with pytest.raises(RejectedError):
        checked("i < n", i=INTEGER, n=NUMBER)


def test_results_of_types_no_world_holds_have_no_type() -> None:
    assert [checked(source) for source in ("null", "1u", "b'a'", "int", "{1: 2}")] == [None] * 5
