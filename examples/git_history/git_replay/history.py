"""What a history consists of, whatever it was read from; not how it is read or sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol


class HistoryError(Exception):
    """The history cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file in one commit, with lines added and deleted; None for both where it is binary."""

    path: str
    added: int | None
    deleted: int | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, with its number in the history, from 1. `at` is RFC 3339, or None where the time is no time."""

    n: int
    at: str | None
    by: str
    merge: bool
    subject: str
    changes: tuple[Change, ...] = field(default=())


class History(Protocol):
    """Something that commits can be read from, oldest first, as often as wanted and always the same ones."""

    @property
    def title(self) -> str:
        """What it is called."""
        ...

    def commits(self) -> Iterator[Commit]:
        """Yield the commits; raises HistoryError."""
        ...


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first `limit` commits of a history, or all of them."""

    whole: History
    limit: int | None

    @property
    def title(self) -> str:
        """What the whole is called."""
        return self.whole.title

    def commits(self) -> Iterator[Commit]:
        """Yield the first commits."""
        return islice(self.whole.commits(), self.limit)
