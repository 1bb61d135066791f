from datetime import UTC, datetime, timedelta

import pytest

from reality_engine.bots.bot import Quota
from reality_engine.bots.repository import Count
from reality_engine.bots.windows import Window, windows_of

MOMENT = datetime(2026, 5, 1, 18, 4, 59, 500_000, tzinfo=UTC)
MINUTE, DAY = datetime(2026, 5, 1, 18, 4, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def window(limit: int = 3) -> Window:
    (found,) = windows_of(Quota(per_minute=limit), MOMENT)
    return found


def test_minutes_and_days_are_those_of_the_calendar() -> None:
    minute, day = windows_of(Quota(1, 2), MOMENT)
    assert (minute.began_at, minute.limit, minute.ends_in(MOMENT)) == (MINUTE, 1, 1)
    assert (day.began_at, day.limit, day.ends_in(MOMENT)) == (DAY, 2, 5 * 3600 + 55 * 60 + 1)
    assert windows_of(Quota(), MOMENT) == ()


def test_a_window_is_full_by_what_is_known_and_what_is_not_written_yet() -> None:
    held = window()
    held.learn([Count("minute", MINUTE, 2)])
    assert not held.full
    held.unsent = 1
    assert held.full


@pytest.mark.parametrize(
    "count",
    [Count("minute", MINUTE - timedelta(minutes=1), 9), Count("day", MINUTE, 9), Count("minute", MINUTE, 0)],
)
def test_what_the_tables_say_of_something_else_changes_nothing(count: Count) -> None:
    held = window()
    held.learn([Count("minute", MINUTE, 2), count])
    assert held.known == 2


def test_what_was_written_is_counted_once() -> None:
    held = window()
    held.unsent = 2
    held.sent(Count("minute", MINUTE, 1), Count("minute", MINUTE, 1))
    assert (held.known, held.unsent) == (1, 1)


def test_a_new_minute_begins_anew_and_what_was_written_for_the_old_one_is_nothing_to_it() -> None:
    held = window()
    held.unsent = 3
    held.turn(MINUTE + timedelta(minutes=1))
    assert (held.known, held.unsent) == (0, 0)
    held.sent(Count("minute", MINUTE, 3), Count("minute", MINUTE, 3))
    assert (held.known, held.unsent) == (0, 0)


def test_a_clock_that_is_set_back_gives_no_further_uses() -> None:
    held = window()
    held.unsent = 3
    held.turn(MINUTE - timedelta(minutes=5))
    assert held.full
