"""The uses of one key within one minute or day, as one process knows them; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from reality_engine.bots.bot import Quota
from reality_engine.bots.repository import Count


@dataclass(slots=True)
class Window:
    """`known` are the uses that the tables know of since it began, and `unsent` those of this process beside them."""

    span: str
    length: timedelta
    limit: int
    began_at: datetime
    known: int = 0
    unsent: int = 0
    ends_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Work out when there will be uses again."""
        self.ends_at = self.began_at + self.length

    @property
    def full(self) -> bool:
        """Whether there is no use left."""
        return self.known + self.unsent >= self.limit

    def turn(self, moment: datetime) -> None:
        """Begin anew where a minute or a day has begun; a clock that was set back changes nothing."""
        began = _began(self.span, moment)
        if began > self.began_at:
            self.began_at, self.known, self.unsent, self.ends_at = began, 0, 0, began + self.length

    def learn(self, counts: Iterable[Count]) -> None:
        """Take in what the tables say: they never say too much, and of an earlier window nothing that matters."""
        for count in counts:
            if count.span == self.span and count.began_at == self.began_at:
                self.known = max(self.known, count.uses)

    def sent(self, written: Count, told: Count) -> None:
        """Note that uses were written, and what the tables say after that."""
        if written.began_at == self.began_at:
            self.unsent -= written.uses
            self.learn([told])

    def ends_in(self, moment: datetime) -> int:
        """Return in how many seconds there will be uses again, at least one."""
        return max(1, ceil((self.ends_at - moment).total_seconds()))


def windows_of(quota: Quota, moment: datetime) -> tuple[Window, ...]:
    """Return the windows of a quota, as far as it has any."""
    wanted = (("minute", timedelta(minutes=1), quota.per_minute), ("day", timedelta(days=1), quota.per_day))
    return tuple(
        Window(span, length, limit, _began(span, moment)) for span, length, limit in wanted if limit is not None
    )


def _began(span: str, moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if span == "minute" else whole.replace(hour=0, minute=0)
