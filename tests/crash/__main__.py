"""The long form: `python -m tests.crash --kills 1000 --database postgresql --processes 2`; prints a report."""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.durability import durability_of_product

from tests.crash.house import nursery, opened
from tests.crash.report import as_lines
from tests.crash.session import Tally, begun
from tests.postgres import Cluster, clustered

PEOPLE = 16
TOLD_EVERY = 10


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, Cluster | None]]:
    """A new database that keeps its promises to the disk, and the server that it is in, if there is one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'reality.db'}", None
    else:
        with clustered(durable=True) as cluster:
            yield cluster.server.url(), cluster


async def killed(options: argparse.Namespace, folder: Path, url: str, cluster: Cluster | None) -> Tally:
    """Run a session on a new world; raises RuntimeError where the database does not wait for its disk."""
    began = time.monotonic()

    def enough(tally: Tally) -> bool:
        kills, passed = tally.kills.total(), time.monotonic() - began
        if kills % TOLD_EVERY == 0:
            sys.stderr.write(f"{kills} kills in {passed:.0f} s\n")
        return options.minutes is not None and passed > 60 * options.minutes

    with nursery(folder) as place:
        async with opened(place, folder, url) as house:
            session = await begun(house, options.processes, PEOPLE, options.seed)
            session.cluster = cluster
            sys.stdout.write(f"{options.database}: {await durability_of_product(url)}\n")
            return await session.run(options.kills, options.verify_every, enough)


def main() -> int:
    """Kill as often as was asked for; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, help="stop after so many, whether all of them were done or not")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--processes", type=int, default=1, help="servers on the one database; on SQLite one")
    parser.add_argument("--seed", type=int, default=1, help="another one kills at other moments")
    parser.add_argument("--verify-every", type=int, default=25, help="kills between two runs of `reality verify`")
    parser.add_argument("--json", type=Path, help="write what came of it to this file too")
    parser.add_argument("--folder", type=Path, help="keep the logs of every process in this folder")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nothing of ours may outlive us
    with contextlib.ExitStack() as stack:
        name = options.folder or stack.enter_context(tempfile.TemporaryDirectory(prefix="reality-crash-"))
        folder = Path(name)
        with database(options.database, folder) as (url, cluster):
            tally = asyncio.run(killed(options, folder, url, cluster))
    sys.stdout.write("\n".join(as_lines(tally)) + "\n")
    if options.json is not None:
        options.json.write_text(json.dumps(vars(tally), indent=2) + "\n")
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
