"""The one place that draws chance. A `Chance` is seeded once per action, so that deciding again gives the same draw."""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

T = TypeVar("T")

SEED_BYTES = 32
MAX_DICE = 100
MAX_SIDES = 1000
_DICE = re.compile(r"(?P<count>\d{1,3})?d(?P<sides>\d{1,4})(?P<plus>[+-]\d{1,6})?\Z")


class Chance(Protocol):
    """A source of uniform integers."""

    def below(self, bound: int) -> int:
        """Return a uniform integer in [0, bound)."""
        ...


# Starts one action's stream: each call gives the same draws from the beginning, for a decision that is taken again.
Draws: TypeAlias = Callable[[], Chance]


class SeededChance:
    """SHA-256 in counter mode over a secret seed: repeatable for one action, unpredictable from what it yields."""

    def __init__(self, seed: bytes) -> None:
        """Start the stream that belongs to `seed` (`SEED_BYTES` bytes from `new_seed`)."""
        self._seed = seed
        self._counter = 0

    def below(self, bound: int) -> int:
        """Return a uniform integer in [0, bound); rejects the uneven tail, so there is no modulo bias."""
        bits = (bound - 1).bit_length()
        while True:
            block = hashlib.sha256(self._seed + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
            drawn = int.from_bytes(block, "big") >> (256 - bits)
            if drawn < bound:
                return drawn


class ScriptedChance:
    """Chance for tests and scenarios: hands out the faces it was given, then falls back to another source."""

    def __init__(self, faces: Iterable[int], rest: Chance) -> None:
        """Queue die faces (counted from 1), to be drawn in order before `rest` is asked."""
        self._faces = list(faces)
        self._rest = rest

    @property
    def left(self) -> tuple[int, ...]:
        """The faces that nobody has drawn yet."""
        return tuple(self._faces)

    def below(self, bound: int) -> int:
        """Return the next scripted face less one; raises ValueError when it does not fit the die."""
        if not self._faces or bound > MAX_SIDES:
            return self._rest.below(bound)
        face = self._faces.pop(0)
        if not 1 <= face <= bound:
            raise ValueError(f"scripted face {face} does not fit a die with {bound} sides")
        return face - 1


@dataclass(frozen=True, slots=True)
class Dice:
    """A dice expression such as `2d6+1`."""

    count: int
    sides: int
    plus: int

    @classmethod
    def parse(cls, text: str) -> "Dice":
        """Read `NdS`, `NdS+K` or `NdS-K`; raises ValueError with the reason."""
        found = _DICE.match(text.replace(" ", ""))
        if found is None:
            raise ValueError(f"'{text}' is not dice; write it like 2d6+1")
        dice = cls(int(found["count"] or 1), int(found["sides"]), int(found["plus"] or 0))
        if not 1 <= dice.count <= MAX_DICE or not 1 <= dice.sides <= MAX_SIDES:
            raise ValueError(f"'{text}' is too much: at most {MAX_DICE} dice of {MAX_SIDES} sides")
        return dice

    def roll(self, chance: Chance) -> tuple[int, ...]:
        """Draw each die's face, in order; the total is their sum and `plus`."""
        return tuple(chance.below(self.sides) + 1 for _ in range(self.count))


def shuffled(items: Sequence[T], chance: Chance) -> list[T]:
    """Return the items in a uniform random order (Fisher and Yates, in Durstenfeld's form)."""
    order = list(items)
    for last in range(len(order) - 1, 0, -1):
        other = chance.below(last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def new_seed() -> bytes:
    """Return fresh secret bytes for a `SeededChance`."""
    return secrets.token_bytes(SEED_BYTES)


def secret_draws() -> Draws:
    """Return the stream of chance for one action: nobody can foretell it, or tell it from what it yields."""
    seed = new_seed()
    return lambda: SeededChance(seed)


def new_bytes(size: int) -> bytes:
    """Return `size` fresh secret bytes."""
    return secrets.token_bytes(size)


def new_token(size: int = 32) -> str:
    """Return a fresh URL-safe secret of `size` random bytes."""
    return secrets.token_urlsafe(size)
