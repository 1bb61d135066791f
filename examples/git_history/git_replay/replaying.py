"""Replays a history into a world, in order; not where the history comes from or how the outcome is shown."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from git_replay.history import History
from git_replay.names import fitted
from git_replay.parts import parts
from git_replay.totals import Totals
from git_replay.world import World


@dataclass(frozen=True, slots=True)
class Run:
    """How many actions were performed, and in how many seconds."""

    actions: int
    seconds: float

    @property
    def rate(self) -> float:
        """Actions in a second."""
        return self.actions / self.seconds if self.seconds else 0.0


def replay(history: History, expected: Totals, world: World, advance: Callable[[], object]) -> Run:
    """Perform what is not in the world yet: everybody's introduction, then the commits, each after the one before it.

    `expected` is the count of the same history. `advance` is called after each commit. Raises ServerError; what was
    performed until then stays, and another call goes on from there.
    """
    start = time.perf_counter()
    actions = world.meet(list(expected.people))
    for commit in history.commits():
        for told in parts(commit):
            actions += world.commit(fitted(commit.by), commit.at, told)
        advance()
    return Run(actions, time.perf_counter() - start)
