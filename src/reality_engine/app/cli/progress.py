"""Tells how a long command gets on: a line that moves on a terminal, plain lines elsewhere; not what it does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from reality_engine.app.cli.output import err, note

# Told what is under way, and how many events of it are done.
Passed: TypeAlias = Callable[[str, int], None]
# Where lines stay, one in so many seconds.
SECONDS: Final = 5.0


@contextmanager
def progress_of(world: str, events: int, seconds: float = SECONDS) -> Iterator[Passed]:
    """Yield what to tell as work on a world goes on whose log has so many events."""
    if err.is_terminal:
        with _moving(world, events) as passed:
            yield passed
    else:
        yield _Lines(world, events, seconds)


class _Lines:
    """Says a line now and then."""

    def __init__(self, world: str, events: int, seconds: float) -> None:
        self._world = world
        self._events = events
        self._seconds = seconds
        self._begun = self._told = time.monotonic()

    def __call__(self, what: str, done: int) -> None:
        now = time.monotonic()
        if now - self._told >= self._seconds:
            self._told = now
            note(f"{self._world}: {_state(what, done, self._events, now - self._begun)}")


@contextmanager
def _moving(world: str, events: int) -> Iterator[Passed]:
    begun = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=err, transient=True) as shown:
        task = shown.add_task(world, total=events, told="")

        def passed(what: str, done: int) -> None:
            told = f"{what}: {_rate(done, time.monotonic() - begun)}" if done else what
            shown.update(task, completed=done or events, told=told)

        yield passed


def _state(what: str, done: int, events: int, seconds: float) -> str:
    return f"{what}: {done:,} of {events:,} events, {_rate(done, seconds)}" if done else what


def _rate(done: int, seconds: float) -> str:
    return f"{done / max(seconds, 0.001):,.0f} events a second"
