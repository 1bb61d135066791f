"""Draws events and entities with audiences, the same each time; not how they are stored."""

import random
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

KINDS: Final = ("actor", "item", "place", "note", "quest")
CHANCE: Final = random.Random(7)  # noqa: S311 - to be repeated, not to be secret
Keys: TypeAlias = tuple[str, ...]


def drawn_id() -> UUID:
    """Return an id that nothing else has."""
    return UUID(int=CHANCE.getrandbits(128))


WORLD: Final = drawn_id()
USERS: Final = [f"user:{drawn_id()}" for _ in range(1000)]
GROUPS: Final = [f"group:{drawn_id()}" for _ in range(200)]
RARE: Final = f"user:{drawn_id()}"
TEXTS: Final = [CHANCE.randbytes(150).hex() for _ in range(500)]


@dataclass(frozen=True, slots=True)
class Part:
    """One facet of an event (where `kind` is empty) or of an entity; `place` is the position or the id."""

    place: int | UUID
    facet: int
    keys: Keys
    content: str
    kind: str = ""


def audience(mix: str) -> Keys:
    """Draw an audience. In a `game` most repeat, in a `workspace` nearly all differ."""
    chance = CHANCE.random()
    if chance < 1e-4:
        return ("role:gm", RARE)
    if mix == "workspace":
        return ("members",) if chance > 0.9 else tuple(sorted(CHANCE.sample(USERS, CHANCE.randint(2, 4))))
    if chance < 0.75:
        return ("everyone",) if chance < 0.6 else ("members",)
    return tuple(sorted((CHANCE.choice(GROUPS if chance < 0.9 else USERS), "role:gm")))


def event_facets(mix: str, position: int) -> list[Part]:
    """Draw the facets of one event: two for three in ten."""
    count = 2 if CHANCE.random() < 0.3 else 1
    return [Part(position, facet, audience(mix), CHANCE.choice(TEXTS)) for facet in range(count)]


def made(mix: str, events: int, entities: int) -> tuple[list[Part], list[Part]]:
    """Draw a whole world: the facets of its events and of its entities."""
    feed = [part for position in range(1, events + 1) for part in event_facets(mix, position)]
    things: list[Part] = []
    for number in range(entities):
        key = UUID(int=(number + 1 << 80) | CHANCE.getrandbits(70))
        kind = KINDS[number % len(KINDS)]
        facets = range(CHANCE.randint(1, 3))
        things += [Part(key, facet, audience(mix), CHANCE.choice(TEXTS), kind) for facet in facets]
    return feed, things


def viewer() -> list[str]:
    """Draw somebody with 50 keys."""
    return ["everyone", "members", *CHANCE.sample(USERS, 24), *CHANCE.sample(GROUPS, 24)]
