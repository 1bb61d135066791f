"""Chance for a proof: repeatable from one seed, and the same for two worlds at the same step; not what it decides."""

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

from reality_engine.kernel.chance import Chance, Draws, SeededChance

T = TypeVar("T")

# The random bits of an id begin with so many, and go on with more; dice and lists draw from fewer.
_ID_PREFIX: Final = 1 << 12


def seeded(*parts: object) -> SeededChance:
    """Return the stream that belongs to these parts."""
    return SeededChance(hashlib.sha256(repr(parts).encode()).digest())


class Fate:
    """Gives every action its draws, by the step that is being played in both worlds.

    What falls to chance may differ between two worlds and still tell nothing. So each size of die has a stream of its
    own, that does not go on because something was made beside; and the ids of one action rise in the order in which
    they are drawn, so that what was made at once stands in one order. `salt` changes the ids alone.
    """

    def __init__(self, seed: str) -> None:
        """Begin before the first step."""
        self.seed = seed
        self.salt = 0
        self.step = 0

    def __call__(self) -> Draws:
        """Return the draws of the step that is being played."""
        seed, salt, step = self.seed, self.salt, self.step
        return lambda: _Parted(seed, salt, step)


class _Parted:
    def __init__(self, seed: str, salt: int, step: int) -> None:
        self._seed = (seed, step)
        self._ids = seeded(seed, step, salt)
        self._dice: dict[int, Chance] = {}
        self._drawn = 0

    def below(self, bound: int) -> int:
        if bound == _ID_PREFIX:
            self._drawn += 1
            return self._drawn % bound
        if bound > _ID_PREFIX:
            return self._ids.below(bound)
        return self._dice.setdefault(bound, seeded(*self._seed, "dice", bound)).below(bound)


class Picker:
    """Makes the choices of a generator."""

    def __init__(self, *seed: object) -> None:
        """Choose as this seed says."""
        self._chance = seeded(*seed)

    def below(self, bound: int) -> int:
        """Return an integer from 0 up to, not including, `bound`."""
        return self._chance.below(bound)

    def between(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`."""
        return low + self.below(high - low + 1)

    def one(self, items: Sequence[T]) -> T:
        """Return any of the items."""
        return items[self.below(len(items))]

    def often(self, percent: int) -> bool:
        """Say yes in so many of a hundred cases."""
        return self.below(100) < percent

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """Return an item, each as often as its weight says."""
        left = self.below(1_000_000) / 1_000_000 * sum(weight for _, weight in items)
        for item, weight in items:
            left -= weight
            if left < 0:
                return item
        return items[-1][0]
