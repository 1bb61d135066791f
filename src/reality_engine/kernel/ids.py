"""The one place that makes ids: UUIDv7 as lower-case text, ordered by time, with fresh random bits and no counter."""

import uuid
from datetime import datetime
from typing import Final

from reality_engine.kernel.chance import Chance, SeededChance, new_seed

# The entity of kind `world` in every world. It is fixed, because nothing in a log may depend on the world's own id.
WORLD_ENTITY: Final = "00000000-0000-7000-8000-000000000001"


def new_id(moment: datetime, chance: Chance) -> str:
    """Return a UUIDv7 (RFC 9562) for `moment`, its 74 random bits drawn from `chance`."""
    milliseconds = int(moment.timestamp() * 1000)
    random_a, random_b = chance.below(1 << 12), chance.below(1 << 62)
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b))


def fresh_id(moment: datetime) -> str:
    """Return a UUIDv7 for things outside of any decision, such as users and worlds."""
    return new_id(moment, SeededChance(new_seed()))


def is_id(text: str) -> bool:
    """Say whether `text` has the form of an id, so that garbage never reaches a query."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
