"""A rebuild that is killed at any moment, with actions going on beside it, leaves everything as it should be."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings

from reality_engine.actions import service as acting
from reality_engine.actions.wish import Wish
from reality_engine.rules.decision import Request
from tests.databases import ROOT, Databases
from tests.properties.stage import Stage, staged
from tests.properties.tampering import WAYS, Scene
from tests.properties.test_rebuilding import left_over
from tests.properties.test_tampering import QUAY, play

Process = subprocess.Popen[str]


@contextmanager
def rebuilding(url: str, world: str) -> Iterator[Process]:
    """Start what rebuilds whenever it is told to."""
    command = [sys.executable, "-m", "tests.crash.rebuilding", url, world]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert told(process) == "ready"
        yield process
        if process.stdin:
            process.stdin.close()


def told(process: Process) -> str:
    """Return the next line that it says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def begin(process: Process) -> int:
    """Have it rebuild; returns the id of the process that does."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return int(told(process))


async def act(stage: Stage, world: str, title: str) -> None:
    """Change something."""
    wish = Wish(Request("world.configure", stage.people[0], input={"title": title}))
    assert (await acting.submit(stage.actions, world, wish)).accepted


async def tamper(stage: Stage, world: str) -> None:
    """Have something that is to be put right."""
    async with stage.units.write() as unit:
        for way in ("facet_added", "event_audience", "past_entity"):
            await WAYS[way](Scene(unit, world, 0))
        await unit.commit()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_rebuild_may_be_killed_at_any_moment(databases: Databases, dialect: str) -> None:
    chance = random.Random(5)
    with databases.fresh(dialect, migrated=True) as url, staged(url, QUAY) as stage:
        run = stage.runner.run
        world = run(play(stage))
        run(tamper(stage, world))
        with rebuilding(url, world) as process:
            for turn in range(max(4, settings().max_examples // 20)):
                child = begin(process)
                for _ in range(chance.randrange(32)):
                    if told(process) == "over":
                        break
                else:
                    run(act(stage, world, f"At {turn}"))
                    os.kill(child, signal.SIGKILL)
                    while told(process) != "over":
                        pass
            begin(process)
            run(act(stage, world, "At last"))
            said = iter(lambda: told(process), "over")
            assert "done" in list(said)
        run(stage.verified(world))
        assert run(left_over(stage)) == []
