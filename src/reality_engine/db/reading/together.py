"""Reads for all who ask at once, instead of once for each; not what is read."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """One read at a time, of all that was asked for while the last one was under way.

    So a read begins after whoever it answers has asked, and finds every commit that was acknowledged before that.
    """

    def __init__(self, read: Callable[[set[K]], Awaitable[Mapping[K, V]]]) -> None:
        """`read` finds what there is of the things that are asked for."""
        self._read: Final = read
        self._wanted: set[K] = set()
        self._next: asyncio.Task[Mapping[K, V]] | None = None
        self._last: asyncio.Task[Mapping[K, V]] | None = None

    async def of(self, key: K) -> V | None:
        """Return what was read, None where there is nothing; raises what `read` does."""
        self._wanted.add(key)
        if self._next is None:
            self._last = self._next = asyncio.create_task(self._after(self._last))
        # Others wait for the same answer, and must have it even if this one goes away.
        return (await asyncio.shield(self._next)).get(key)

    async def _after(self, last: asyncio.Task[Mapping[K, V]] | None) -> Mapping[K, V]:
        if last is not None:
            await asyncio.wait((last,))
        wanted, self._wanted, self._next = self._wanted, set(), None
        return await self._read(wanted)
