"""Writes what was measured into docs/performance.md, between two marks, and draws its plots; measures nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bench.plots import Bar, Chart, svg
from bench.servers import ROOT

PAGE: Final = ROOT / "docs" / "performance.md"
PLOTS: Final = ROOT / "docs" / "performance"
BEGIN: Final = "<!-- written by: make bench BENCH=--docs -->"
END: Final = "<!-- end of what is written -->"
_LOADS: Final = {
    "gather": "action, each on a patch of its own",
    "hot": "action, all on one patch",
    "batch": "actions in batches of 1,000",
    "list": "list of 20 in 100,000",
    "feed": "feed page of 20",
    "list_again": "the same list, nothing having happened",
    "feed_again": "the same feed page, nothing having happened",
}
_COLUMNS: Final = (
    "load",
    "clients",
    "server",
    "a second",
    "over endpoint",
    "p50 / p95 / p99 ms",
    "µs server + database",
    "load's share",
)
_AT_SCALE: Final = ("database", "page", "viewer", "small", "full", "full over small", "with a scope over without")
_VIEWERS: Final = {"unscoped": "without a scope", "rare": "sees few", "all": "sees all"}
_SERVERS: Final = {
    "echo": "bare endpoint",
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "postgresql_two": "PostgreSQL, two processes",
    "postgresql_workers": "PostgreSQL, two workers",
    "template_sqlite": "usual service, SQLite",
    "template_postgresql": "usual service, PostgreSQL",
}
Report = Mapping[str, Any]


def write_page(report: Report) -> None:
    """Replace the tables of the page, and the plots."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    told = "\n".join(lines(report))
    PAGE.write_text(f"{before}{BEGIN}\n\n{told}\n{END}{after}", encoding="utf-8")
    PLOTS.mkdir(exist_ok=True)
    for name, chart in charts(report).items():
        (PLOTS / f"{name}.svg").write_text(svg(chart), encoding="utf-8")
    (PLOTS / "figures.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def lines(report: Report) -> Iterator[str]:
    """Yield the tables and where they come from, as Markdown."""
    yield from (_source(report), "")
    yield from (f"![{chart.title}](performance/{name}.svg)" for name, chart in charts(report).items())
    yield from ("", "| aim | | SQLite | PostgreSQL |", "|---|---|---|---|", *_aims(report["aims"]))
    yield from ("", f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|")
    yield from _rows(report["figures"])
    yield ""
    for kind, name in _KINDS:
        if kind in report["lives"]:
            yield f"* {name}: {_life(report['lives'][kind])}"
    yield from (f"* Not measured: {note}." for note in report["notes"])
    if report["scale"]:
        yield from ("", *_scale(report))


def _aims(judged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a row for each aim; what is not met is bold."""
    for words in dict.fromkeys(one["aim"] for one in judged):
        by_kind = {one["database"]: one for one in judged if one["aim"] == words}
        bounds = dict.fromkeys(f"{one['bound']:,}" for one in by_kind.values())
        most = any(one["at_most"] for one in by_kind.values())
        found = [by_kind.get(kind) for kind, _ in _KINDS]
        cells = [f"{one['found']:,}" if one and one["met"] else f"**{one['found']:,}**" if one else "" for one in found]
        yield f"| {words} | at {'most' if most else 'least'} {' / '.join(bounds)} | {' | '.join(cells)} |"


def _source(report: Report) -> str:
    about, loads = report["machine"], report["plan"]["loads"]
    versions = [f"{name} {report['durability'][key]['version']}" for key, name in _KINDS if key in report["durability"]]
    return (
        f"Commit `{report['commit']}`; {about['cores']} cores that client, server and database share; "
        f"Python {about['python']}, {', '.join(versions)}; "
        f"medians of {loads['rounds']} interleaved rounds of {loads['seconds']:g} seconds."
    )


def _life(one: Mapping[str, float]) -> str:
    return (
        f"an action of one client takes {one['young_p50_ms']:g} ms in a log of {one['young_events']:,} events and "
        f"{one['old_p50_ms']:g} ms in one of {one['old_events']:,}; {one['replay_events_a_second']:,} events a second "
        f"are replayed, {one['verify_events_a_second']:,} verified; the server holds {one['idle_mb']:g} MB before and "
        f"{one['loaded_mb']:g} MB after; a new one answers after {one['cold_start_seconds']:g} s, "
        f"has done an action after {one['cold_action_seconds']:g} s, and holds "
        f"{one['cold_idle_mb']:g} MB then."
    )


_KINDS: Final = (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))


def _rows(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for key, by_server in figures.items():
        load, _, clients = key.rpartition("_")
        for name, one in by_server.items():
            ratio = one["rate"] / by_server["echo"]["rate"]
            times = " / ".join(f"{one[cut]:,.2f}" for cut in ("p50", "p95", "p99"))
            cells = (
                _LOADS[load], clients, _SERVERS[name], f"{one['rate']:,.0f}", f"{ratio:.3f}", times,
                f"{one['server_us']:,.0f} + {one['database_us']:,.0f}", f"{one['generator_share']:.1%}",
            )  # fmt: skip
            yield f"| {' | '.join(cells)} |"


def _scale(report: Report) -> Iterator[str]:
    sizes = [f"{one['events']:,} events and {one['entities']:,} entities" for one in _sizes(report)]
    yield f"Pages of one client at scale, in ms: a world of {sizes[1]} beside one of {sizes[0]}."
    yield from ("", f"| {' | '.join(_AT_SCALE)} |", "|---" * len(_AT_SCALE) + "|")
    for kind, name in _KINDS:
        for page, one in report["scale"].get(kind, {}).items():
            for viewer, words in _VIEWERS.items():
                times = [f"{one[f'{viewer}_ms_{size}']:,.2f}" for size in ("small", "full")]
                over = [f"{one.get(f'{viewer}_{what}', 0):.3f}" for what in ("full_over_small", "over_unscoped")]
                yield f"| {' | '.join((name, page, words, *times, over[0], '' if viewer == 'unscoped' else over[1]))} |"


def _sizes(report: Report) -> tuple[Mapping[str, int], Mapping[str, int]]:
    pages = report["plan"]["pages"]
    return pages["small"], pages["full"]


def charts(report: Report) -> dict[str, Chart]:
    """Return the plots for which there are figures, by the names of their files."""
    figures = report["figures"]
    found = {}
    if "gather_64" in figures:
        unit = "times the rate of a bare FastAPI endpoint in the same rounds"
        found["actions"] = Chart("Durable actions, 64 clients", unit, _over_echo(figures, ("gather_64", "hot_64")), 1.0)
    if "list_64" in figures:
        unit = "times the rate of a bare FastAPI endpoint in the same rounds"
        found["pages"] = Chart("Pages of 20, 64 clients", unit, _over_echo(figures, _PAGES), 1.0)
    clients = [key for key in figures if key.startswith("gather_")]
    if clients:
        bars = [
            Bar(f"{_SERVERS[name]}, {_clients(key)}", figures[key][name]["rate"], name in _OURS)
            for name in ("echo", "sqlite", "postgresql", "template_sqlite", "template_postgresql")
            for key in clients
            if name in figures[key]
        ]
        found["clients"] = Chart("Durable actions by the number of clients", "a second", bars)
    if report["lives"]:
        bars = [
            Bar(f"{name}, {report['lives'][kind][f'{age}_events']:,} events", report["lives"][kind][f"{age}_p50_ms"])
            for kind, name in _KINDS
            for age in ("young", "old")
        ]
        found["growth"] = Chart("One client's action by the length of the log", "median, in ms", bars)
    return found


def _clients(key: str) -> str:
    count = key.rpartition("_")[2]
    return "1 client" if count == "1" else f"{count} clients"


_PAGES: Final = ("list_64", "feed_64", "list_again_64", "feed_again_64")
_OURS: Final = frozenset({"sqlite", "postgresql", "postgresql_two", "postgresql_workers"})


def _over_echo(figures: Mapping[str, Mapping[str, Any]], keys: tuple[str, ...]) -> list[Bar]:
    said = {
        "gather_64": "", "hot_64": ", one patch",
        "list_64": ", list", "feed_64": ", feed", "list_again_64": ", list again", "feed_again_64": ", feed again",
    }  # fmt: skip
    return [
        Bar(f"{_SERVERS[name]}{said[key]}", one["rate"] / figures[key]["echo"]["rate"], name in _OURS)
        for key in keys
        if key in figures
        for name, one in figures[key].items()
        if name != "echo"
    ]
