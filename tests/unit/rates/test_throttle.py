from datetime import UTC, datetime, timedelta

import pytest

from reality_engine.kernel.clock import FixedClock
from reality_engine.kernel.errors import TooManyRequestsError
from reality_engine.rates.counts import Counts
from reality_engine.rates.throttle import BY_ACCOUNT, BY_BOTH, BY_NETWORK, Throttle

MIRA, HERE, THERE = "mira@example.org", "203.0.113.7", "198.51.100.1"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 5, 1, 12, tzinfo=UTC))


@pytest.fixture
def throttle(clock: FixedClock) -> Throttle:
    return Throttle(Counts(clock))


def refused(throttle: Throttle, account: str, network: str, *, known: bool = False) -> int:
    with pytest.raises(TooManyRequestsError) as caught:
        throttle.begin(account, network, known=known)
    return caught.value.retry_after


def guess_everywhere(throttle: Throttle, account: str) -> None:
    """Use up what there is for an account, from networks all over."""
    for number in range(BY_ACCOUNT.quota):
        throttle.begin(account, f"192.0.2.{number}")


def test_guessing_in_one_place_ends_soon(throttle: Throttle, clock: FixedClock) -> None:
    for _ in range(BY_BOTH.quota):
        throttle.begin(MIRA, HERE)
    wait = refused(throttle, MIRA, HERE)
    clock.advance(timedelta(seconds=wait))
    throttle.begin(MIRA, HERE)


def test_guessing_from_many_networks_ends_too(throttle: Throttle) -> None:
    guess_everywhere(throttle, MIRA)
    refused(throttle, MIRA, THERE)


def test_trying_many_accounts_from_one_network_ends_too(throttle: Throttle) -> None:
    for number in range(BY_NETWORK.quota):
        throttle.begin(f"{number}@example.org", HERE)
    refused(throttle, MIRA, HERE)
    throttle.begin(MIRA, THERE)


def test_the_owner_comes_in_from_where_they_came_in_before(throttle: Throttle) -> None:
    guess_everywhere(throttle, MIRA)
    for number in range(BY_NETWORK.quota):
        throttle.begin(f"{number}@example.org", HERE)
    throttle.begin(MIRA, HERE, known=True)


def test_success_uses_nothing_up(throttle: Throttle) -> None:
    for _ in range(BY_NETWORK.quota * 2):
        throttle.succeeded(throttle.begin(MIRA, HERE))


def test_success_forgets_the_failures_before_it(throttle: Throttle) -> None:
    for _ in range(BY_BOTH.quota - 1):
        throttle.begin(MIRA, HERE)
    throttle.succeeded(throttle.begin(MIRA, HERE))
    for _ in range(BY_BOTH.quota):
        throttle.begin(MIRA, HERE)


def test_own_successes_pay_for_no_guessing_at_others(throttle: Throttle) -> None:
    for number in range(BY_NETWORK.quota):
        throttle.begin(f"{number}@example.org", HERE)
        throttle.succeeded(throttle.begin("own@example.org", HERE, known=True))
    refused(throttle, MIRA, HERE)


def test_what_is_refused_counts_nowhere(throttle: Throttle) -> None:
    for _ in range(BY_BOTH.quota):
        throttle.begin(MIRA, HERE)
    for _ in range(BY_NETWORK.quota):
        refused(throttle, MIRA, HERE)
    throttle.begin("other@example.org", HERE)


def test_any_text_may_be_tried(throttle: Throttle) -> None:
    for account in ("", "\ud800", "x" * 10_000):
        throttle.begin(account, HERE)
