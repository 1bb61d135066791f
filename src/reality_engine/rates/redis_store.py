"""Where processes add up their counts: Redis or Valkey; loaded only where the settings name one, as it is an extra."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from reality_engine.rates.shared import Place

_SECONDS: Final = 1.0
# One that adds up and one that was cut off by a deadline.
_CONNECTIONS: Final = 2


class RedisStore:
    """Keeps a number for each window, for as long as the one after it lasts; all that is told goes in one journey."""

    def __init__(self, url: str) -> None:
        """Connect at the first use."""
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, max_connections=_CONNECTIONS
        )

    async def add(self, changes: Sequence[tuple[Place, int]]) -> Sequence[tuple[int, int]]:
        """Add to each, and return what each comes to, and its window before; raises OSError where that cannot be."""
        try:
            async with asyncio.timeout(_SECONDS), self._redis.pipeline(transaction=False) as pipe:
                for place, cost in changes:
                    pipe.incrby(_name(place, place.number), cost)
                    pipe.expire(_name(place, place.number), place.seconds * 2)
                    pipe.get(_name(place, place.number - 1))
                found: list[Any] = await pipe.execute()
        except RedisError as error:
            raise OSError(str(error)) from error
        return [(int(total), int(before or 0)) for total, before in zip(found[::3], found[2::3], strict=True)]

    async def close(self) -> None:
        """Let go of all connections."""
        await self._redis.aclose()


def _name(place: Place, number: int) -> str:
    return f"reality:{place.rate}:{place.seconds}:{number}:{place.key}"
