"""Turns stored rows of the log back into events, with every look that tells whether they were touched; pure.

A log may have millions of rows. So they are looked at as the driver gives them, hashed as they are stored, and of the
content only what is asked for is made into objects.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from reality_engine.eventlog.chain import GENESIS, link
from reality_engine.eventlog.content import from_content
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.models import EventRow
from reality_engine.eventlog.sealing import check_private, commitments, hold_all, unseal
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.json import MAX_INTEGER, Plain, decode, decode_loosely, exact, is_exact

_UNREADABLE: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError)


class Place(NamedTuple):
    """How far a log was read: the position of the last event and its digest, from which one can go on."""

    position: int
    digest: bytes


BEGINNING: Final = Place(0, GENESIS)


# A row of the log as the driver has it: its position, id, type, moment (on SQLite as text), digest and body, and the
# private values as JSON.
Stored: TypeAlias = tuple[int, str, str, str | datetime, bytes, bytes, str]


class Logged(NamedTuple):
    """An event that was found whole: its content, sealed and read loosely, and the values that it commits to."""

    position: int
    digest: bytes
    body: bytes
    tree: Mapping[str, Any]
    private: Mapping[str, Any]

    @property
    def pack(self) -> str:
        """The digest of the pack that it happened under; raises IntegrityError where it does not say."""
        return self._said("pack")

    @property
    def type(self) -> str:
        """Its type; raises IntegrityError where it does not say."""
        return self._said("type")

    def event(self) -> Event:
        """Return all that it says; raises IntegrityError where something is missing."""
        private: Any = exact(dict(self.private))
        return _opened(self.tree if is_exact(self.body) else exact(dict(self.tree)), private, self.position)

    def changes(self) -> Iterator[Sequence[Any]]:
        """Yield its changes, each beginning with the values of a `Change`; raises IntegrityError."""
        try:
            for row in self.tree.get("changes", ()):
                yield row if _open(row[3]) and _open(row[4]) else [*row[:3], *map(self._exact, row[3:5])]
        except _UNREADABLE as error:
            raise _unreadable(self.position, error) from error

    def _said(self, name: str) -> str:
        try:
            return str(self.tree[name])
        except _UNREADABLE as error:
            raise _unreadable(self.position, error) from error

    def _exact(self, value: Plain) -> Plain:
        return exact(unseal(value, self.private))


def checked(rows: Iterable[Stored], after: Place) -> Iterator[Logged]:
    """Yield the events that follow a place, each after checking where it stands, its digest and its private values.

    And that its columns repeat its body. Raises IntegrityError for the first that is not whole.
    """
    position, digest = after
    for place, key, kind, moment, kept, body, private in rows:
        position += 1
        if place != position:
            raise IntegrityError(f"event {position} is missing")
        digest = link(digest, body)
        if digest != kept:
            raise IntegrityError(f"event {position} does not fit the hash chain: it, or the one before it, was altered")
        try:
            tree: Any = decode_loosely(body)
            values: Any = decode_loosely(private)
            logged = Logged(position, digest, body, tree, values)
            if values:
                _check_private(logged)
            same_moment = tree["at"] == moment or from_text(tree["at"]) == moment
            if not same_moment or tree["id"] != key or tree["type"] != kind:
                _check_columns(logged, key, kind, moment)
        except _UNREADABLE as error:
            raise _unreadable(position, error) from error
        yield logged


def event_of(row: EventRow) -> Event:
    """Return the event that a row stands for; raises IntegrityError where the row cannot be read."""
    return event_at(row.position, row.body, row.private)


def event_at(position: int, body: bytes, private: Mapping[str, Any]) -> Event:
    """Return the event that a body and its private values say; raises IntegrityError where they cannot be read."""
    try:
        tree = decode(body)
    except ValueError as error:
        raise _unreadable(position, error) from error
    return _opened(tree, private, position)


def _check_private(logged: Logged) -> None:
    private, body = logged.private, logged.body
    try:
        check_private(private)
    except (IntegrityError, ValueError, IndexError) as error:
        raise IntegrityError(f"event {logged.position} has a private value that it never committed to") from error
    if not hold_all(body, private) and private.keys() - commitments(decode(body)):
        raise IntegrityError(f"event {logged.position} keeps a private value that it does not hold")


def _check_columns(logged: Logged, key: str, kind: str, moment: str | datetime) -> None:
    """Raise IntegrityError unless columns that do not have the very text of the body say the same."""
    tree = logged.tree
    recorded_at = from_text(moment) if isinstance(moment, str) else moment
    told = {
        "id": tree["id"] == key, "type": tree["type"] == kind, "recorded_at": from_text(tree["at"]) == recorded_at,
    }  # fmt: skip
    for name, alike in told.items():
        if not alike:
            raise IntegrityError(f"event {logged.position} has another {name} in its column than in its body")


def _open(value: Plain) -> bool:
    """Say whether a value was read as it is: neither a commitment, nor an integer that stands for something else."""
    if type(value) is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER
    return not isinstance(value, list | dict)


def _opened(tree: Any, private: Mapping[str, Any], position: int) -> Event:
    try:
        opened = unseal(tree, private)
        if not isinstance(opened, dict):
            raise TypeError("not an object")
        return from_content(opened, position)
    except _UNREADABLE as error:
        raise _unreadable(position, error) from error


def _unreadable(position: int, error: Exception) -> IntegrityError:
    return IntegrityError(f"event {position} cannot be read: {error}")
