"""What bots and keys refuse, each with its code; HTTP status is decided in `web.codes`."""

from dataclasses import dataclass
from typing import ClassVar

from reality_engine.kernel.errors import ConflictError, LimitExceededError, TooManyRequestsError


class TooManyBotsError(LimitExceededError):
    """The owner has as many bots, or the bot as many keys, as there may be."""

    code = "too_many_bots"


class KeyOverError(ConflictError):
    """The key is revoked or has expired, so nothing can follow from it."""

    code = "key_over"


@dataclass
class QuotaExceededError(TooManyRequestsError):
    """The key was used as often as its owner allows for this minute or this day."""

    code: ClassVar[str] = "quota_exceeded"
