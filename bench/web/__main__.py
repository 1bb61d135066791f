"""`python -m bench.web`: actions with nothing below them, beside the bare endpoint, in turns; rates and processor.

The processor's time is that of the server alone, and of one request: what a busy machine hides least.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from bench import servers
from bench.api import Api, echoed, post
from bench.loads import USERS
from bench.measure import Sample, Target, Window, sample
from bench.servers import Served

ROUNDS: Final = 5
SECONDS: Final = 2.0
WARM_SECONDS: Final = 0.5
_KEY: Final = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"


def acting(served: Served) -> list[str]:
    """Return the request of each of the users to act."""
    api = Api(served.port)
    body = {"actor": _KEY, "target": _KEY, "input": {"effort": 1}}
    path = f"/api/v1/worlds/{_KEY}/actions/gather"
    found = []
    for number in range(USERS):
        api.token = ""
        found.append(post(path, body, api.log_in(f"player{number}")))
    return found


def told(name: str, samples: list[Sample]) -> str:
    """Return a line of figures."""
    rate = median(one.rate for one in samples)
    micros = median(one.server_us for one in samples)
    return f"{name:10} {rate:8,.0f} a second, {micros:6.1f} µs of the server's processor each\n"


def main() -> None:
    """Measure in turns and print."""
    with tempfile.TemporaryDirectory(prefix="reality-bench-") as name, ExitStack() as on:
        folder = Path(name)
        echo = on.enter_context(servers.echo(folder))
        bare = on.enter_context(servers.uvicorn("bare ASGI", "bench.web.bare:app", folder, {}))
        stubbed = on.enter_context(servers.stubbed(folder, f"sqlite:///{name}/reality.db"))
        acts = acting(stubbed).__getitem__
        targets = [Target(echo, echoed), Target(bare, acts), Target(stubbed, acts)]
        found: dict[str, list[Sample]] = {target.served.name: [] for target in targets}
        for _ in range(ROUNDS):
            for target in targets:
                found[target.served.name].append(sample(target, USERS, Window(SECONDS, WARM_SECONDS)))
        for served, samples in found.items():
            sys.stdout.write(told(served, samples))


if __name__ == "__main__":
    main()
