"""Rebuilds a world in small steps, once for each line on its input, in a process of its own that may be killed.

Tells the id of that process, and of each step. It is forked from one that has everything loaded already.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.packs.cache import PackCache
from reality_engine.projection.rebuild import Rebuilding, Sizes, rebuild


def say(line: str) -> None:
    """Tell who reads."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _rebuild(url: str, world: str) -> None:
    engines = open_engines(url)
    work = Rebuilding(Units(engines), PackCache(), "1", lambda what, _: say(what), Sizes(10, 30))
    await rebuild(work, world, datetime.now(UTC))
    await engines.close()
    say("done")


def main() -> None:
    """Rebuild, again and again."""
    _, url, world = sys.argv
    say("ready")
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(_rebuild(url, world))
            os._exit(0)
        say(str(child))
        os.waitpid(child, 0)
        say("over")


if __name__ == "__main__":
    main()
