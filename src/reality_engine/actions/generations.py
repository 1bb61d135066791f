"""A map that holds so many entries, and lets go of those that were asked for longest ago; not what they mean."""

from collections.abc import Iterable, Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Generations(Generic[K, V]):
    """Two dictionaries, the younger of which takes what is asked for; once it has grown, the older one is dropped.

    Cheaper than an order by use, and nothing that was asked for lately is ever let go. Entries leave in `rest` alone,
    so that whoever works with the map in between finds what was there.
    """

    __slots__ = ("_limit", "_old", "_young")

    def __init__(self, limit: int) -> None:
        """Hold at most `limit` entries after each `rest`, or as many as were asked for since the one before."""
        self._limit: Final = limit // 2
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._young or key in self._old

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def __getitem__(self, key: K) -> V:
        try:
            return self._young[key]
        except KeyError:
            value = self._young[key] = self._old.pop(key)
            return value

    def __setitem__(self, key: K, value: V) -> None:
        self._young[key] = value
        if self._old:
            self._old.pop(key, None)

    def __delitem__(self, key: K) -> None:
        # Whether it is there or not: that it is not afterwards is all that is wanted.
        self._young.pop(key, None)
        self._old.pop(key, None)

    def update(self, more: Mapping[K, V]) -> None:
        """Hold these entries too."""
        for key, value in more.items():
            self[key] = value

    def forget(self, keys: Iterable[K]) -> None:
        """Let go of these, where they are held."""
        for key in keys:
            del self[key]

    def clear(self) -> None:
        """Let go of everything."""
        self._young = {}
        self._old = {}

    def rest(self) -> None:
        """Let go of what was not asked for lately, where there is too much."""
        if len(self._young) > self._limit:
            self._old = self._young
            self._young = {}
