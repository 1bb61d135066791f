from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reality_engine.kernel.clock import FixedClock, SystemClock, from_text, to_text

MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS)
def test_a_moment_comes_back_as_it_was_written(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment


@given(MOMENTS, MOMENTS)
def test_the_order_of_texts_is_the_order_of_moments(one: datetime, other: datetime) -> None:
    assert (one < other) == (to_text(one) < to_text(other))


def test_moments_are_written_in_utc() -> None:
    assert to_text(datetime(2026, 5, 1, 20, tzinfo=timezone(timedelta(hours=2)))) == "2026-05-01T18:00:00.000000Z"


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an offset"):
        from_text("2026-05-01T18:00:00")


def test_a_fixed_clock_moves_when_told() -> None:
    clock = FixedClock(datetime(2026, 5, 1, tzinfo=UTC))
    clock.advance(timedelta(hours=1))
    assert clock.now().hour == 1
    assert SystemClock().now().tzinfo is UTC
