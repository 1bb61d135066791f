"""The one place that makes ids: UUIDv7 as lower-case text, ordered by time, with fresh random bits and no counter."""

import re
from datetime import datetime
from typing import Final

from reality_engine.kernel.chance import Chance, new_bytes

# The entity of kind `world` in every world. It is fixed, because nothing in a log may depend on the world's own id.
WORLD_ENTITY: Final = "00000000-0000-7000-8000-000000000001"
_LOW: Final = (1 << 62) - 1
_FORM: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id(moment: datetime, chance: Chance) -> str:
    """Return a UUIDv7 (RFC 9562) for `moment`, its 74 random bits drawn from `chance`."""
    return _id(moment, chance.below(1 << 74))


def fresh_id(moment: datetime) -> str:
    """Return a UUIDv7 for things outside of any decision, such as users and worlds."""
    return _id(moment, int.from_bytes(new_bytes(10), "big") >> 6)


def is_id(text: str) -> bool:
    """Say whether `text` has the form of an id, so that garbage never reaches a query."""
    return _FORM.fullmatch(text) is not None


def _id(moment: datetime, random: int) -> str:
    milliseconds = int(moment.timestamp() * 1000)
    random_a, random_b = random >> 62, random & _LOW
    digits = f"{milliseconds << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
