"""A session as its owner sees it; not its row, and not its tokens."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in that stands. `last_used_at` is when its tokens were last renewed, or it began."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    agent: str
    network: str
