"""Runs the parts of a measurement in one go, and puts the report together; not what each part measures."""

import subprocess
import tempfile
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from bench import long_life, servers
from bench.api import echoed
from bench.loads import FULL as FULL_LOADS
from bench.loads import QUICK as QUICK_LOADS
from bench.loads import USERS, Extent, Say, Targets, throughput
from bench.long_life import LifeExtent, life
from bench.measure import Target
from bench.prepared import (
    Databases,
    Product,
    Settings,
    acting,
    databases,
    merged,
    products,
    reading,
    settings_of,
    templates,
    two_workers,
)
from bench.report import machine
from bench.scale import measuring as scaling
from bench.servers import ROOT
from bench.summing import judged, summed
from reality_engine.kernel.errors import RealityError

PARTS: Final = ("actions", "pages", "life")
ENTITIES: Final = 100_000  # of the usual service, as many as in the full world
_PAGES: Final = frozenset({"list", "feed", "list_again", "feed_again"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: loads, beside what, pages of large worlds, and long logs."""

    loads: Extent
    beside: bool  # the usual service and the second worker
    pages: scaling.ScaleExtent | None
    life: LifeExtent | None

    def only(self, parts: Collection[str]) -> "Plan":
        """Return the plan with some of its parts."""
        kept = {
            load: counts
            for load, counts in self.loads.clients.items()
            if ("pages" if load in _PAGES else "actions") in parts
        }
        pages, life = self.pages if "pages" in parts else None, self.life if "life" in parts else None
        return replace(self, loads=replace(self.loads, clients=kept), pages=pages, life=life)


QUICK: Final = Plan(QUICK_LOADS, beside=False, pages=None, life=None)
USUAL: Final = Plan(FULL_LOADS, beside=True, pages=scaling.USUAL, life=long_life.USUAL)
FULL: Final = Plan(FULL_LOADS, beside=True, pages=scaling.FULL, life=long_life.FULL)


def measured(plan: Plan, say: Say) -> dict[str, Any]:
    """Start everything, measure all of it, and return the report."""
    with tempfile.TemporaryDirectory(prefix="reality-bench-") as name, ExitStack() as on:
        where = on.enter_context(databases(Path(name)))
        found = products(on, where, say)
        set_up = _set_up(plan, on, where, found, say)
        loads = {load: by_server for load, by_server in set_up.targets.items() if len(by_server) > 1}
        notes: list[str] = []
        figures = throughput(plan.loads, loads, notes, say)
        plain = {load: {key: asdict(one) for key, one in told.items()} for load, told in figures.items()}
        report = {
            "machine": machine(), "commit": _commit(), "durability": set_up.durability, "plan": asdict(plan),
            "notes": notes, "figures": plain, **summed(plain),
            "lives": _lives(plan.life, found, where, notes, say) if plan.life else {},
            "scale": scaling.scale(plan.pages, set_up.wide, say) if plan.pages else {},
        }  # fmt: skip
        return {**report, "aims": judged(report)}


@dataclass(frozen=True, slots=True)
class _SetUp:
    targets: Targets
    wide: Mapping[str, Mapping[str, scaling.Wide]]
    durability: Settings


def _set_up(plan: Plan, on: ExitStack, where: Databases, found: Mapping[str, Product], say: Say) -> _SetUp:
    bare = on.enter_context(servers.echo(where.folder))
    targets: Targets = {load: {"echo": Target(bare, echoed)} for load in plan.loads.clients}
    settings, wide = settings_of(found), {}
    if "gather" in targets:
        targets = merged(targets, acting(found, say))
    if plan.beside:
        usual, told = templates(on, where, ENTITIES, say)
        targets, settings = merged(targets, usual), {**settings, **told}
    if plan.beside and "gather" in targets:
        targets = merged(targets, {"gather": two_workers(on, where, found["postgresql"])})
    if plan.pages is not None:
        wide = on.enter_context(scaling.worlds(plan.pages, where.folder, found["postgresql"].url, say, USERS))
        targets = merged(targets, reading(on, wide, where))
    return _SetUp(targets, wide, settings)


def _lives(
    extent: LifeExtent, found: Mapping[str, Product], where: Databases, notes: list[str], say: Say
) -> dict[str, dict[str, float]]:
    told = {}
    for kind, product in found.items():
        try:
            told[kind] = life(extent, kind, product, where.folder, say)
        except (RuntimeError, RealityError) as error:
            notes.append(f"a long log on {kind}: {error}")
    return told


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return done.stdout.strip() or "unknown"
