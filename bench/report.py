"""Shows what was measured, as tables; neither measures nor judges."""

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.summing import cpu

_COLUMNS: Final = (
    "load", "server", "a second", "lowest to highest", "x echo", "p50 ms", "p95", "p99",
    "µs server", "µs database", "x echo's µs", "load's CPU",
)  # fmt: skip


def machine() -> dict[str, Any]:
    """Return what the figures depend on, and nothing that names the machine."""
    system = f"{platform.system()} {platform.machine()}"
    return {"cores": os.cpu_count(), "python": sys.version.split()[0], "system": system}


def show(report: Mapping[str, Any]) -> None:
    """Print the tables."""
    console = Console(width=160)
    about = report["machine"]
    console.print(f"{about['cores']} cores, {about['system']}, Python {about['python']}, commit {report['commit']}")
    for name, settings in report["durability"].items():
        console.print(f"{name}: " + ", ".join(f"{key} = {value}" for key, value in settings.items()))
    console.print(_loads_table(report["figures"]))
    for key in ("against_template", "hot_over_spread"):
        if report[key]:
            console.print(f"{key}: " + ", ".join(f"{name} {value}" for name, value in report[key].items()))
    for name, one in report["lives"].items():
        console.print(f"{name}: " + ", ".join(f"{key} {value:,}" for key, value in one.items()))
    if report["scale"]:
        console.print(_scale_table(report["scale"]))
    console.print(_aims_table(report["aims"]))
    for note in report["notes"]:
        console.print(f"note: {note}")


def _loads_table(figures: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(*_COLUMNS)
    for load, by_server in figures.items():
        for name, one in by_server.items():
            table.add_row(load, name, *_cells(one, by_server["echo"]))
    return table


def _cells(one: Mapping[str, float], echo: Mapping[str, float]) -> Iterator[str]:
    yield f"{one['rate']:,.1f}"
    yield f"{one['lowest']:,.0f} to {one['highest']:,.0f}"
    yield f"{one['rate'] / echo['rate']:.4f}"
    for cut in ("p50", "p95", "p99"):
        yield f"{one[cut]:,.2f}"
    yield f"{one['server_us']:,.0f}"
    yield f"{one['database_us']:,.0f}"
    yield f"{cpu(one) / cpu(echo):,.1f}"
    yield f"{one['generator_share']:.1%}"


def _aims_table(aims: list[Mapping[str, Any]]) -> Table:
    table = Table("aim", "database", "bound", "found", "met")
    for one in aims:
        bound = f"{'at most' if one['at_most'] else 'at least'} {one['bound']:,}"
        table.add_row(one["aim"], one["database"], bound, f"{one['found']:,}", "yes" if one["met"] else "no")
    return table


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
