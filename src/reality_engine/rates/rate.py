"""A rate: so many of something in so much time, and how it is written in settings; not the counting."""

import re
from dataclasses import dataclass
from typing import Final

from limits import parse

# The library would take the first rate of anything that holds one, and units of any length.
_RATE: Final = re.compile(r"\s*[1-9][0-9]{0,8}\s*(/|\bper\b)\s*([1-9][0-9]{0,3}\s+)?(second|minute|hour|day)s?\s*")


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `quota` in `seconds`; `name` is what clients are told of it, and parts its counts from others."""

    name: str
    quota: int
    seconds: int

    @property
    def policy(self) -> bytes:
        """The rate as an item of the header field `RateLimit-Policy`."""
        return b'"%s";q=%d;w=%d' % (self.name.encode(), self.quota, self.seconds)


def rate_of(name: str, text: str) -> Rate:
    """Read a rate such as `600/minute` or `10 per 15 minutes`; raises ValueError."""
    if not _RATE.fullmatch(text):
        raise ValueError(f"'{text}' is no rate; write one like 600/minute or 10 per 15 minutes")
    item = parse(text)
    return Rate(name, item.amount, item.get_expiry())
