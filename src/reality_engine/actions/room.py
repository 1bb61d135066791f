"""How much a process remembers of all its worlds together, and of which it forgets first; not what that is."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

# Entities and answers of other sorts. An entity of some ten fields takes about 3 kB.
MAX_REMEMBERED: Final = 40_000


class Room:
    """Worlds with how much is remembered of each, the one that was acted in longest ago first."""

    def __init__(self, limit: int = MAX_REMEMBERED) -> None:
        """Hold so much, and at least the world that was acted in last."""
        self._limit: Final = limit
        self._held: Final[OrderedDict[str, tuple[int, Callable[[str], None]]]] = OrderedDict()
        self._size = 0

    def __contains__(self, world: str) -> bool:
        return world in self._held

    def take(self, world: str, size: int, forget: Callable[[str], None]) -> None:
        """Let a world have what it takes now; where that is too much, `forget` is called of other worlds."""
        self.leave(world)
        self._held[world] = size, forget
        self._size += size
        while self._size > self._limit and len(self._held) > 1:
            oldest = next(iter(self._held))
            _, forget = self._held[oldest]
            self.leave(oldest)
            forget(oldest)

    def leave(self, world: str) -> None:
        """Have nothing for a world any more, which is not remembered."""
        size, _ = self._held.pop(world, (0, None))
        self._size -= size
