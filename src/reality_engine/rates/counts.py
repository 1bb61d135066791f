"""Counts in the memory of one process, in bounded room; what several processes share is `shared`.

Sliding windows by two counters: of what was counted in the window before, so much still counts as of it lies within
one window's length of now. So nobody gets twice the quota around the end of a window, and a key takes two numbers.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

from reality_engine.kernel.clock import Clock
from reality_engine.rates.rate import Rate

# So many keys have their counts; who comes when all places are taken takes that of the key that began longest ago.
ROOM: Final = 50_000


class Counted(NamedTuple):
    """What became of asking: how much is left, in how many seconds the window ends, and how long to wait.

    `wait` is 0 where it was within the rate, and else the seconds until as much as was asked for is there.
    """

    remaining: int
    ends_in: int
    wait: int = 0

    @property
    def allowed(self) -> bool:
        """Whether it was within the rate."""
        return self.wait == 0


@dataclass(slots=True)
class Window:
    """How much was counted for a key in one window and in the one before."""

    number: int
    now: int = 0
    before: int = 0


class Counts:
    """Counts by a rate's name and a key; nothing here waits, so what is asked together is counted in turn."""

    def __init__(self, clock: Clock, room: int = ROOM) -> None:
        """Keep at most `room` keys."""
        self._clock = clock
        self._room = room
        self._windows: dict[tuple[str, str], Window] = {}

    def __len__(self) -> int:
        """Say how many keys are kept."""
        return len(self._windows)

    def take(self, rate: Rate, key: str, cost: int = 1) -> Counted:
        """Count, unless the rate would be exceeded: what is refused is not counted."""
        number, into = self._at(rate)
        window = self._window(rate, key, number)
        left = int(rate.quota - _used(window, rate, into))
        if cost > left:
            return Counted(max(0, left), ceil(rate.seconds - into), _wait(window, rate, into, cost))
        window.now += cost
        return Counted(left - cost, ceil(rate.seconds - into))

    def left(self, rate: Rate, key: str, cost: int = 1) -> Counted:
        """Tell whether so much could be taken, and count nothing; `remaining` is what there is now."""
        number, into = self._at(rate)
        window = self._window(rate, key, number)
        left = int(rate.quota - _used(window, rate, into))
        wait = _wait(window, rate, into, cost) if cost > left else 0
        return Counted(max(0, left), ceil(rate.seconds - into), wait)

    def give_back(self, rate: Rate, key: str, cost: int = 1) -> int:
        """Undo what was counted, as far as it was counted in this window, and return how much that was."""
        number, _ = self._at(rate)
        window = self._window(rate, key, number)
        given = min(cost, window.now)
        window.now -= given
        return given

    async def close(self) -> None:
        """Share nothing, and so have nothing to let go of."""

    def _at(self, rate: Rate) -> tuple[int, float]:
        """Return the number of the window, and how many seconds of it are over."""
        number, into = divmod(self._clock.now().timestamp(), rate.seconds)
        return int(number), into

    def _window(self, rate: Rate, key: str, number: int) -> Window:
        held = self._windows.get((rate.name, key))
        if held is not None and held.number == number:
            return held
        # The oldest stand first, since each is put last when its window begins.
        self._windows.pop((rate.name, key), None)
        if len(self._windows) >= self._room:
            del self._windows[next(iter(self._windows))]
        before = held.now if held is not None and held.number == number - 1 else 0
        fresh = self._windows[rate.name, key] = Window(number, 0, before)
        return fresh


def _used(window: Window, rate: Rate, into: float) -> float:
    return window.now + window.before * (1 - into / rate.seconds)


def _wait(window: Window, rate: Rate, into: float, cost: int) -> int:
    """Return in how many whole seconds so much is left, if nothing else is counted until then."""
    room, to_end = rate.quota - cost, rate.seconds - into
    if room < 0:
        return rate.seconds * 2  # never: no window is large enough
    if window.now > room:
        # What is counted now has to fade in the next window.
        return max(1, ceil(to_end + rate.seconds * (1 - room / window.now)))
    fade = rate.seconds * (1 - (room - window.now) / window.before) if window.before else 0.0
    return max(1, ceil(fade - into))
