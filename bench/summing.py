"""Sums figures up as ratios, and holds them to what is aimed at; pure, and neither measures nor shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Plain = Mapping[str, Mapping[str, Mapping[str, float]]]
Ratios = dict[str, float]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure is to be at least, or at most, on each kind of database; by its path in the JSON."""

    words: str
    path: str
    sqlite: float | None
    postgresql: float | None
    at_most: bool = False

    def met(self, found: float, bound: float) -> bool:
        """Say whether a figure is as good as that."""
        return found <= bound if self.at_most else found >= bound


AIMS: Final = (
    Aim("durable actions over the endpoint, 64 clients", "ratios.{}_64", 1.0, 1.0),
    Aim("the same with two processes, a world each", "ratios.{}_two_64", None, 1.5),
    Aim("durable actions over the usual service, 64 clients", "against_template.{}_64", 12, 12),
    Aim("all 64 clients on one entity, over each on its own", "hot_over_spread.{}_64", 0.9, 0.9),
    Aim("one client's actions over its requests to the endpoint", "ratios.{}_1", 0.4, 0.3),
    Aim("list of 20 in 100,000 over the endpoint, 64 clients", "ratios.list_{}_64", 0.8, 0.5),
    Aim("feed page of 20 over the endpoint, 64 clients", "ratios.feed_{}_64", 0.8, 0.5),
    Aim("the same list, asked for again while nothing happens", "ratios.list_again_{}_64", 0.8, 0.5),
    Aim("the same feed page, asked for again while nothing happens", "ratios.feed_again_{}_64", 0.8, 0.5),
    Aim("actions a second in batches of 1,000 on one connection", "figures.batch_1.{}.rate", 10_000, 10_000),
    Aim("events replayed a second", "lives.{}.replay_events_a_second", 50_000, 50_000),
    Aim("one client's action in the longer log over the shorter", "lives.{}.old_over_young", 1.1, 1.1, at_most=True),
    Aim("one client, p99 of an action, in ms", "figures.gather_1.{}.p99", 3, 3, at_most=True),
    Aim("memory when idle, in MB", "lives.{}.idle_mb", 100, 100, at_most=True),
    Aim("memory after the load, in MB", "lives.{}.loaded_mb", 220, 220, at_most=True),
    Aim("start on the long log, in seconds", "lives.{}.cold_start_seconds", 1, 1, at_most=True),
)


def summed(figures: Plain) -> dict[str, Ratios]:
    """Return the ratios of a report, by its keys."""
    return {
        "ratios": _over_echo(figures, lambda one, echo: one["rate"] / echo["rate"]),
        "cpu_ratios": _over_echo(figures, lambda one, echo: cpu(echo) / cpu(one)),
        "against_template": {
            f"{_prefix(load)}{name}_{clients}": round(one["rate"] / by_server[f"template_{name}"]["rate"], 2)
            for load, clients, by_server in _loads(figures)
            for name, one in by_server.items()
            if f"template_{name}" in by_server
        },
        "hot_over_spread": {
            f"{name}_{clients}": round(one["rate"] / figures[f"gather_{clients}"][name]["rate"], 3)
            for load, clients, by_server in _loads(figures)
            if load == "hot"
            for name, one in by_server.items()
            if name != "echo"
        },
    }


def judged(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each aim whose figure has been measured, with it."""
    found = []
    for aim in AIMS:
        for kind, bound in (("sqlite", aim.sqlite), ("postgresql", aim.postgresql)):
            path = aim.path.format(kind)
            value = _at(report, path)
            if bound is not None and value is not None:
                told = {"aim": aim.words, "database": kind, "path": path, "bound": bound, "at_most": aim.at_most}
                found.append({**told, "found": value, "met": aim.met(value, bound)})
    return found


def _at(report: Any, path: str) -> Any:
    for part in path.split("."):
        report = report.get(part) if isinstance(report, Mapping) else None
    return report


def cpu(one: Mapping[str, float]) -> float:
    """Return the processor's microseconds of one request, of server and database together."""
    return one["server_us"] + one["database_us"]


def _over_echo(figures: Plain, ratio: Any) -> Ratios:
    return {
        f"{_prefix(load)}{name}_{clients}": round(ratio(one, by_server["echo"]), 4)
        for load, clients, by_server in _loads(figures)
        for name, one in by_server.items()
        if name != "echo"
    }


def _prefix(load: str) -> str:
    return "" if load == "gather" else f"{load}_"


def _loads(figures: Plain) -> list[tuple[str, str, Mapping[str, Mapping[str, float]]]]:
    return [(*_parted(load), by_server) for load, by_server in figures.items()]


def _parted(load: str) -> tuple[str, str]:
    name, _, clients = load.rpartition("_")
    return name, clients
