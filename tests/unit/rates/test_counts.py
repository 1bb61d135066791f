from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reality_engine.kernel.clock import FixedClock
from reality_engine.rates.counts import Counts
from reality_engine.rates.rate import Rate

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FIVE = Rate("five", 5, 60)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def test_as_many_are_let_through_as_the_rate_has(clock: FixedClock) -> None:
    counts = Counts(clock)
    assert [counts.take(FIVE, "a").remaining for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = counts.take(FIVE, "a")
    assert (refused.allowed, refused.remaining) == (False, 0)


def test_keys_and_rates_are_counted_apart(clock: FixedClock) -> None:
    counts = Counts(clock)
    counts.take(FIVE, "a", 5)
    assert counts.take(FIVE, "b", 5).allowed
    assert counts.take(Rate("other", 5, 60), "a", 5).allowed


def test_what_is_refused_is_not_counted(clock: FixedClock) -> None:
    counts = Counts(clock)
    counts.take(FIVE, "a", 3)
    assert not counts.take(FIVE, "a", 3).allowed
    assert counts.take(FIVE, "a", 2).allowed


def test_what_was_counted_fades_in_the_next_window(clock: FixedClock) -> None:
    counts = Counts(clock)
    counts.take(FIVE, "a", 5)
    clock.advance(timedelta(seconds=60))
    assert not counts.take(FIVE, "a").allowed
    clock.advance(timedelta(seconds=12))
    assert counts.take(FIVE, "a").allowed
    clock.advance(timedelta(seconds=120))
    assert counts.left(FIVE, "a").remaining == 5


def test_what_is_given_back_may_be_taken_again(clock: FixedClock) -> None:
    counts = Counts(clock)
    counts.take(FIVE, "a", 5)
    counts.give_back(FIVE, "a", 2)
    assert counts.left(FIVE, "a").remaining == 2
    counts.give_back(FIVE, "a", 100)
    assert counts.left(FIVE, "a").remaining == 5


def test_looking_counts_nothing(clock: FixedClock) -> None:
    counts = Counts(clock)
    assert [counts.left(FIVE, "a").remaining for _ in range(3)] == [5, 5, 5]


def test_room_is_bounded_and_the_oldest_goes(clock: FixedClock) -> None:
    counts = Counts(clock, room=3)
    for key in "abcd":
        counts.take(FIVE, key, 5)
    assert len(counts) == 3
    assert not counts.take(FIVE, "d").allowed
    assert counts.take(FIVE, "a").allowed


@given(
    st.integers(1, 20),
    st.lists(st.tuples(st.floats(0, 90), st.integers(1, 4)), max_size=40),
)
def test_no_span_has_more_than_the_quota_and_waiting_helps(quota: int, asked: list[tuple[float, int]]) -> None:
    clock, rate = FixedClock(NOON), Rate("some", quota, 60)
    counts = Counts(clock)
    taken: list[tuple[datetime, int]] = []
    for pause, cost in asked:
        clock.advance(timedelta(seconds=pause))
        found = counts.take(rate, "a", cost)
        if not found.allowed and cost <= quota:
            clock.advance(timedelta(seconds=found.wait))
            found = counts.take(rate, "a", cost)
            assert found.allowed
        if found.allowed:
            taken.append((clock.now(), cost))
    for number in range(120):
        begin = NOON + timedelta(seconds=60 * number)
        within = [cost for at, cost in taken if begin <= at < begin + timedelta(seconds=60)]
        assert sum(within) <= quota
