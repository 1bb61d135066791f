"""Bots and their keys as the rest of the product knows them; not the rows, and not the secret of a key."""

from dataclasses import dataclass
from datetime import datetime

from reality_engine.kernel.grant import Grant
from reality_engine.kernel.principal import Principal, PrincipalKind


@dataclass(frozen=True, slots=True)
class Bot:
    """Somebody's bot. It is a principal of its own: what its owner may do, it may not."""

    id: str
    owner: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests a key may make within a minute and within a day of UTC; None for any number."""

    per_minute: int | None = None
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a bot. `hint` is how its text begins, by which people tell one from another."""

    id: str
    bot: str
    label: str
    hint: str
    grant: Grant
    quota: Quota
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    replaces: str | None = None

    def stands(self, moment: datetime) -> bool:
        """Say whether it opens anything."""
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)


def acting(bot: Bot, key: Key) -> Principal:
    """Return the actor that a bot is when it comes with a key."""
    return Principal(PrincipalKind.BOT, bot.id, bot.name, key.id, grant=key.grant)
