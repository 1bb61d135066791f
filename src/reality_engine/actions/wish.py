"""What a principal asks for in a world, one thing or several that belong together; values."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from reality_engine.kernel.principal import Principal
from reality_engine.rules.decision import Request


@dataclass(frozen=True, slots=True)
class Wish:
    """What a principal asks for in a world. `key` makes repeating it harmless, `if_match` guards its target.

    `since` is the position up to which they know the log, so that they can be told what made the target stale.
    """

    request: Request
    key: str | None = None
    if_match: str | None = None
    since: int | None = None

    @property
    def wishes(self) -> "tuple[Wish, ...]":
        """Itself alone."""
        return (self,)

    @property
    def principal(self) -> Principal:
        """Whose wish it is."""
        return self.request.principal

    @property
    def size(self) -> int:
        """How many actions it is."""
        return 1

    @property
    def digest(self) -> bytes:
        """Tell one wish from another under the same key."""
        asked = self.request
        parts: list[Any] = [
            asked.action,
            asked.actor,
            asked.target,
            dict(asked.input),
            asked.occurred_at,
            self.if_match,
        ]
        # Not canonical JSON, which has no form for the integers that are about to be refused.
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


@dataclass(frozen=True, slots=True)
class Together:
    """Wishes of one principal, at least one, that come true all or none. `key` makes repeating all of them harmless."""

    wishes: tuple[Wish, ...]
    key: str | None = None

    @property
    def principal(self) -> Principal:
        """Whose wishes they are."""
        return self.wishes[0].principal

    @property
    def size(self) -> int:
        """How many actions they are."""
        return len(self.wishes)

    @property
    def digest(self) -> bytes:
        """Tell them from others under the same key."""
        return hashlib.sha256(b"together" + b"".join(wish.digest for wish in self.wishes)).digest()
