"""`python -m bench.scale`: the pages at scale alone, of what `python -m bench` measures."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench.scale.measuring import FULL, QUICK, scale, worlds
from tests import postgres


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--wait", action="store_true", help="keep the servers until Enter, to look at them")
    options = parser.parse_args()
    extent = QUICK if options.quick else FULL
    with (
        tempfile.TemporaryDirectory(prefix="reality-bench-") as folder,
        postgres.running(durable=True) as server,
        worlds(extent, Path(folder), server.url(), _say) as found,
    ):
        sys.stdout.write(json.dumps(scale(extent, found, _say), indent=2) + "\n")
        if options.wait:
            _say(
                f"{folder} {server.url()} "
                + " ".join(f"{one.served.name}:{one.served.port}" for by in found.values() for one in by.values())
            )
            sys.stdin.readline()


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    main()
