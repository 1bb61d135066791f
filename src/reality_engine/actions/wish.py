"""What a principal asks for in a world; a value."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

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
