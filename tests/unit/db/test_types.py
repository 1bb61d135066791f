from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy.dialects import postgresql, sqlite

from reality_engine.db.types import Id, Moment

SQLITE, POSTGRESQL = sqlite.dialect(), postgresql.dialect()  # type: ignore[no-untyped-call]
moments = some.datetimes(timezones=some.just(UTC), min_value=datetime(1000, 1, 1))  # noqa: DTZ001 - bounds have no zone


@given(moments, moments)
def test_on_sqlite_the_order_of_text_is_the_order_of_time(one: datetime, other: datetime) -> None:
    texts = [Moment().process_bind_param(moment, SQLITE) for moment in (one, other)]
    assert (texts[0] < texts[1]) == (one < other)


@given(moments)
def test_on_sqlite_a_moment_comes_back_as_it_was(moment: datetime) -> None:
    text = Moment().process_bind_param(moment, SQLITE)
    assert Moment().process_result_value(text, SQLITE) == moment


def test_another_zone_becomes_utc() -> None:
    lisbon = datetime(2026, 7, 1, 19, tzinfo=timezone(timedelta(hours=1)))
    assert Moment().process_bind_param(lisbon, SQLITE) == "2026-07-01T18:00:00.000000Z"
    read = Moment().process_result_value(lisbon, POSTGRESQL)
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
def test_a_moment_without_an_offset_is_refused(dialect: object) -> None:
    with pytest.raises(ValueError, match="offset"):
        Moment().process_bind_param(datetime(2026, 1, 1), dialect)  # type: ignore[arg-type]  # noqa: DTZ001 - the point


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
def test_no_value_stays_none(dialect: object) -> None:
    assert Moment().process_bind_param(None, dialect) is None  # type: ignore[arg-type]
    assert Moment().process_result_value(None, dialect) is None  # type: ignore[arg-type]


def test_an_id_is_a_native_uuid_on_postgresql_and_text_on_sqlite() -> None:
    assert str(Id().compile(POSTGRESQL)) == "UUID"
    assert str(Id().compile(SQLITE)) == "CHAR(36)"
