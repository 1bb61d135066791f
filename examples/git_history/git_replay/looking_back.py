"""Asks a world what it held after earlier commits, and compares that with the history up to there."""

import secrets
from collections.abc import Iterator

from git_replay.history import Commit, History
from git_replay.totals import Tally, Totals, tally_of
from git_replay.world import World


def look_back(history: History, world: World, many: int) -> Iterator[str | None]:
    """Ask so many times for a file, as of a commit that this run brought in; yield what is different, or None.

    Which ones is left to chance: a commit, and a file that was there after it. Yields nothing where no commit was
    brought in that left a file.
    """
    for commit, path, expected in _chosen(history, world, many):
        held = world.file_then(path, world.moments[commit.n])
        found = None if held is None else tally_of(held)
        if found == expected:
            yield None
        else:
            yield f"{path!r} as of commit {commit.n}: expected {expected}, found {found or 'nothing'}"


def _chosen(history: History, world: World, many: int) -> Iterator[tuple[Commit, str, Tally]]:
    """Yield commits in their order, each with a file and what that had come to by then."""
    asked = sorted(secrets.choice(list(world.moments)) for _ in range(many)) if world.moments else []
    totals = Totals()
    for commit in history.commits():
        totals.count(commit)
        while asked and asked[0] == commit.n:
            asked.pop(0)
            if totals.files:
                path = secrets.choice(list(totals.files))
                yield commit, path, totals.files[path]
        if not asked:
            return
