"""Shows what was measured, as tables and as JSON; measures nothing."""

import os
import platform
import sys
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

_COLUMNS: Final = ("load", "server", "a second", "lowest to highest", "x echo", "p50 ms", "p95", "p99", "load's CPU")


def machine() -> dict[str, Any]:
    """Return what the figures depend on, and nothing that names the machine."""
    system = f"{platform.system()} {platform.machine()}"
    return {"cores": os.cpu_count(), "python": sys.version.split()[0], "system": system}


def ratios(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return each rate over that of the bare endpoint in the same rounds, as `action_sqlite_64`."""
    found = {}
    for load, by_server in figures.items():
        scenario, clients = load.split("_")
        for name, one in by_server.items():
            if name != "echo":
                found[f"{scenario}_{name}_{clients}"] = round(one["rate"] / by_server["echo"]["rate"], 4)
    return found


def show(report: Mapping[str, Any]) -> None:
    """Print the tables."""
    console = Console(width=120)
    about, figures = report["machine"], report["figures"]
    console.print(f"{about['cores']} cores, {about['system']}, Python {about['python']}, commit {report['commit']}")
    for name, settings in report["durability"].items():
        console.print(f"{name}: " + ", ".join(f"{key} = {value}" for key, value in settings.items()))
    table = Table(*_COLUMNS)
    for load, by_server in figures.items():
        for name, one in by_server.items():
            ratio = f"{one['rate'] / by_server['echo']['rate']:.4f}"
            spread = f"{one['lowest']:,.0f} to {one['highest']:,.0f}"
            times = (f"{one[cut]:,.2f}" for cut in ("p50", "p95", "p99"))
            table.add_row(load, name, f"{one['rate']:,.1f}", spread, ratio, *times, f"{one['generator_share']:.1%}")
    console.print(table)
    for name, one in report["growth"].items():
        console.print(f"growth, {name}, one client: " + ", ".join(f"{key} {value}" for key, value in one.items()))
    console.print(_scale_table(report["scale"]))
    for name, one in report["servers"].items():
        console.print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in one.items()))


def _scale_table(scale: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    columns = ("page", "viewer", "ms, small world", "ms, full size", "full / small", "with a scope / without")
    table = Table("server", *columns)
    for name, pages in scale.items():
        for page, one in pages.items():
            for viewer in ("unscoped", "rare", "all"):
                times = (f"{one[f'{viewer}_ms_{size}']:,.2f}" for size in ("small", "full"))
                over = f"{one[f'{viewer}_over_unscoped']:.3f}" if viewer != "unscoped" else ""
                table.add_row(name, page, viewer, *times, f"{one[f'{viewer}_full_over_small']:.3f}", over)
    return table
