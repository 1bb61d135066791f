"""An upgrade that is killed at any moment leaves a world under one pack or the other, and whole; acting goes on."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings

from tests.crash.test_rebuild_killed import Process, act, begin, told
from tests.databases import ROOT, Databases
from tests.properties.stage import HARBOR, Stage, staged
from tests.upgrades import changed, stored

STRESS = "  stress:  {type: meter, max: 9}"
LUCK = {STRESS: f"{STRESS}\n      luck: {{type: integer, default: 1}}", "stakes": "threat"}
UPGRADES = "upgrades: [{from: 1.0.0, rename: {fields: {clock.stakes: threat}}}]"


@contextmanager
def upgrading(url: str, world: str) -> Iterator[Process]:
    """Start what upgrades whenever it is told to."""
    command = [sys.executable, "-m", "tests.crash.upgrading", url, world]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert told(process) == "ready"
        yield process
        if process.stdin:
            process.stdin.close()


async def versions(stage: Stage, world: str, old: str, new: str) -> str:
    """Return the pack of a world that is whole, and under that one alone."""
    digest = (await stage.verified(world)).head.pack
    lucky = {"luck" in one.fields for one in (await stage.entities(world)).values() if one.kind == "character"}
    assert (digest, lucky) in ((old, {False}), (new, {True}))
    return digest


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_an_upgrade_may_be_killed_at_any_moment(databases: Databases, dialect: str) -> None:
    chance = random.Random(7)
    with databases.fresh(dialect, migrated=True) as url, staged(url, HARBOR) as stage:
        run = stage.runner.run
        world = run(stage.world())
        old, new = stage.pack.digest, run(stored(stage, changed(HARBOR, LUCK, upgrades=UPGRADES))).digest
        with upgrading(url, world) as process:
            for turn in range(max(3, settings().max_examples // 50)):
                child = begin(process)
                for _ in range(chance.randrange(4)):
                    told(process)
                os.kill(child, signal.SIGKILL)
                while told(process) != "over":
                    pass
                assert run(versions(stage, world, old, new)) in (old, new)
                run(act(stage, world, f"At {turn}"))
            begin(process)
            said = iter(lambda: told(process), "over")
            assert "done" in list(said)
        assert run(versions(stage, world, old, new)) == new
        run(act(stage, world, "At last"))
        run(stage.verified(world))
