"""Does some work again and again, each time in a process of its own that may be killed; not the work.

Tells the id of that process, and when it is over. It is forked from one that has everything loaded already.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable


def say(line: str) -> None:
    """Tell who reads."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def again_and_again(work: Callable[[str, str], Awaitable[None]]) -> None:
    """Work on the database and the world that the arguments name, once for each line on the input."""
    _, url, world = sys.argv

    async def once() -> None:
        await work(url, world)
        say("done")

    say("ready")
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(once())
            os._exit(0)
        say(str(child))
        os.waitpid(child, 0)
        say("over")
