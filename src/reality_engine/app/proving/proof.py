"""Looks for a counter-example in pair after pair of worlds, until enough was tried; tells nobody."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reality_engine.app.proving.acting import Habits
from reality_engine.app.proving.endpoints import endpoints
from reality_engine.app.proving.fate import Picker
from reality_engine.app.proving.finding import Finding, Outcome
from reality_engine.app.proving.house import House
from reality_engine.app.proving.pairs import PairOfWorlds, Tally
from reality_engine.app.proving.replaying import Stage
from reality_engine.app.proving.shrinking import Shrinking
from reality_engine.app.proving.trial import Script, Trial
from reality_engine.packs.compiled import CompiledPack

# How long a counter-example may be made smaller.
SHRINKING: Final = 60.0
Progress = Callable[[Tally], None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is to be tried: so many cases, or for so many seconds, whichever comes first."""

    cases: int | None = None
    seconds: float | None = None
    shrinking: float = SHRINKING


@dataclass(frozen=True)
class Leak:
    """The smallest counter-example, and the worlds in which it was played last."""

    script: Script
    finding: Finding
    trial: Trial
    seed: str


@dataclass
class Proved:
    """What came of a proof; no leak is as much as was tried, and no more."""

    pack: CompiledPack
    seed: str
    tally: Tally = field(default_factory=Tally)
    leak: Leak | None = None
    seconds: float = 0.0


async def prove(
    house: House, files: Mapping[str, str], seed: str, bounds: Bounds, progress: Progress = lambda _: None
) -> Proved:
    """Try a pack until a leak is found or the bounds are reached; raises PackError.

    The same seed makes the same pairs in the same order.
    """
    started = time.monotonic()
    pack, people = await house.admit(files)
    stage, habits = Stage(house, pack, people), Habits()
    proved = Proved(pack, seed)
    every = endpoints(house.app.openapi())
    while not _enough(proved.tally, bounds, started) and proved.leak is None:
        name = f"{seed} {proved.tally.pairs}"
        house.begin(name, 0)
        trial = stage.trial()
        pair = PairOfWorlds(trial, Picker(name), every, habits, proved.tally)
        settings = pair.settings()
        await trial.twins.found(settings)
        found = await pair.run()
        if found is not None:
            script = Script(settings, pair.steps)
            proved.leak = await _examined(stage, script, found.who, name, bounds, proved.tally)
        progress(proved.tally)
    proved.seconds = time.monotonic() - started
    return proved


def _enough(tally: Tally, bounds: Bounds, started: float) -> bool:
    if bounds.cases is not None and tally.cases >= bounds.cases:
        return True
    return bounds.seconds is not None and time.monotonic() - started >= bounds.seconds


async def _examined(stage: Stage, script: Script, viewer: str, seed: str, bounds: Bounds, tally: Tally) -> Leak | None:
    """Return the smallest form of a leak, None where it was chance."""
    if not await stage.confirmed(script, seed):
        tally.outcomes[Outcome.LEAK.value] -= 1
        tally.outcomes[Outcome.CHANCE.value] = tally.outcomes.get(Outcome.CHANCE.value, 0) + 1
        return None
    small = await Shrinking(stage, seed, viewer, bounds.shrinking).smallest(script)
    if small is not script and not await stage.confirmed(small, seed):
        small = script
    found, trial = await stage.play(small, seed, only=viewer)
    return None if found is None else Leak(small, found, trial, seed)
