"""Who asked for what, what was acknowledged, and what must stand in the world by that; asks no server."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

QUOTA: Final = 10  # what one trip may bring home, in the band that all belong to


class BrokenError(AssertionError):
    """A promise that was not kept: `kind` is `lost`, `doubled`, `torn` or `odd`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Wish:
    """An action under its key. `gain` is what it adds to the store of who asks; 0 where a rule will refuse it."""

    key: str
    action: str
    body: dict[str, Any]
    gain: int

    @property
    def patch(self) -> str | None:
        """Return the patch that it takes from."""
        return str(self.body["target"]) if self.action == "gather" else None


@dataclass
class Person:
    """A user with a gatherer, who asks for one thing at a time. `open` is what has no answer yet.

    `last` and `refused` are the latest wishes with an answer since the last look.
    """

    token: str
    gatherer: str
    dice: random.Random
    store: int = 0
    open: Wish | None = None
    last: tuple[Wish, list[str]] | None = None
    refused: Wish | None = None


@dataclass
class Book:
    """A world and everybody in it. `told` has the ids of the events that were acknowledged since the last look."""

    world: str
    steward: str
    market: str
    patches: list[str]
    people: list[Person]
    position: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    acknowledged: int = 0
    refusals: int = 0
    told: set[str] = field(default_factory=set)

    def wish(self, person: Person) -> Wish:
        """Return what somebody asks for next, which stays open until it is answered: mostly to gather."""
        if person.open is None:
            person.open = self._next(person)
        return person.open

    def answered(self, person: Person, wish: Wish, events: list[dict[str, Any]]) -> None:
        """Write down that a wish came true, by its answer."""
        ids = [str(event["id"]) for event in events]
        if len(ids) != 1:
            raise BrokenError("torn", f"{wish.action} was answered with {len(ids)} events")
        person.open, person.last = None, (wish, ids)
        person.store += wish.gain
        if wish.patch is None:
            self.orders += 1
        else:
            self.taken[wish.patch] += wish.gain
        self.acknowledged += 1
        self.told.update(ids)

    def declined(self, person: Person, wish: Wish) -> None:
        """Write down that a rule refused it, as it had to."""
        if wish.gain:
            raise BrokenError("odd", f"{wish.body} was refused")
        person.open, person.refused = None, wish
        self.refusals += 1

    def _next(self, person: Person) -> Wish:
        key = str(UUID(int=person.dice.getrandbits(128), version=4))
        chance = person.dice.random()
        if chance < 0.1 and person.store > 0:
            given: dict[str, Any] = {"side": "sell", "amount": 1, "price": 1}
            return Wish(key, "offer", {"actor": person.gatherer, "target": self.market, "input": given}, -1)
        too_much = chance > 0.95
        effort = QUOTA + 1 if too_much else person.dice.randint(1, 3)
        body = {"actor": person.gatherer, "target": person.dice.choice(self.patches), "input": {"effort": effort}}
        return Wish(key, "gather", body, 0 if too_much else effort)
