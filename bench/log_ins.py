"""`python -m bench.log_ins`: how long actions take beside 50 people who log in all the time, and without them.

Hashing is set as it is served, 12 rounds of bcrypt. Turns with and without log-ins alternate, so that a slow minute of
the machine is both's.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from bench import servers
from bench.api import PASSWORD
from bench.commons import Settlers
from bench.measure import Figure, Sample, Target, Window, figure, sample
from bench.prepared import Databases, databases

ROUNDS: Final = 5
SECONDS: Final = 6.0
WARM_SECONDS: Final = 1.5
ACTING: Final = 4
LOGGING_IN: Final = 50
BOUND: Final = 2.0


def log_in(client: int) -> str:
    """Return the request of one of the users to log in."""
    form = urlencode({"username": f"bot{client % ACTING}@bench.example.org", "password": PASSWORD})
    head = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
    return f"POST /api/v1/auth/token HTTP/1.1\r\nHost: bench\r\n{head}\r\n{form}"


def turn(act: Target, logging_in: Target | None) -> tuple[Sample, Sample | None]:
    """Measure actions, beside log-ins where there are any."""
    window = Window(SECONDS, WARM_SECONDS)
    with ThreadPoolExecutor(2) as both:
        beside = None if logging_in is None else both.submit(sample, logging_in, LOGGING_IN, window)
        acted = both.submit(sample, act, ACTING, window)
        return acted.result(), None if beside is None else beside.result()


def measured(kind: str, where: Databases) -> float:
    """Measure on one kind of database, print, and return by how much log-ins lengthen the p99 of actions."""
    with ExitStack() as on:
        rounds = {"REALITY_BCRYPT_ROUNDS": "12"}
        served = on.enter_context(servers.reality(kind, where.folder, where.urls[kind], rounds))
        world = Settlers(served.port, ACTING).world()
        act, logging_in = Target(served, world.spread), Target(served, log_in)
        without: list[Sample] = []
        beside: list[Sample] = []
        log_ins: list[Sample] = []
        for _ in range(ROUNDS):
            without.append(turn(act, None)[0])
            acted, logged_in = turn(act, logging_in)
            beside.append(acted)
            log_ins += [] if logged_in is None else [logged_in]
    _tell(kind, "alone", figure(without))
    _tell(kind, "beside", figure(beside))
    _tell(kind, "log-ins", figure(log_ins))
    over = figure(beside).p99 / figure(without).p99
    sys.stdout.write(f"{kind}: p99 beside {LOGGING_IN} log-ins over p99 alone: {over:.2f} (at most {BOUND})\n")
    return over


def _tell(kind: str, what: str, one: Figure) -> None:
    sys.stdout.write(
        f"{kind:10} {what:8} {one.rate:8,.1f} a second, p50 / p95 / p99 {one.p50} / {one.p95} / {one.p99} ms, "
        f"{one.answers} answers\n"
    )


def main() -> int:
    """Measure on both databases."""
    with tempfile.TemporaryDirectory(prefix="reality-bench-") as name, databases(Path(name)) as where:
        return int(max(measured(kind, where) for kind in where.urls) > BOUND)


if __name__ == "__main__":
    sys.exit(main())
