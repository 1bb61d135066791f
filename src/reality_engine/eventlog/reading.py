"""Turns stored rows of the log back into events, with every look that tells whether they were touched; pure.

A log may have millions of rows. So they are looked at as the driver gives them, hashed as they are stored, and of the
content only what is asked for is made into objects.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from reality_engine.eventlog.chain import GENESIS, link
from reality_engine.eventlog.content import from_content
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.models import EventRow
from reality_engine.eventlog.sealing import check_private, commitments, stands_in, unseal
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.json import MAX_INTEGER, Plain, decode, decode_loosely, exact, is_exact

_UNREADABLE: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError)


class Place(NamedTuple):
    """How far a log was read: the position of the last event and its digest, from which one can go on."""

    position: int
    digest: bytes


BEGINNING: Final = Place(0, GENESIS)


class Stored(NamedTuple):
    """A row of the log as the driver has it: the moment is text on SQLite, and `private` JSON as text."""

    position: int
    id: str
    type: str
    recorded_at: str | datetime
    digest: bytes
    body: bytes
    private: str


class Logged(NamedTuple):
    """An event that was found whole: its content, sealed and read loosely, and the values that it commits to."""

    place: Place
    body: bytes
    tree: Mapping[str, Any]
    private: Mapping[str, Any]

    def event(self) -> Event:
        """Return all that it says; raises IntegrityError where something is missing."""
        tree = self.tree if is_exact(self.body) else decode(self.body)
        return _opened(tree, self.private, self.place.position)

    def changes(self) -> Iterator[Sequence[Any]]:
        """Yield its changes, each beginning with the values of a `Change`; raises IntegrityError."""
        try:
            for row in self.tree.get("changes", ()):
                yield row if _open(row[3]) and _open(row[4]) else [*row[:3], *map(self._exact, row[3:5])]
        except _UNREADABLE as error:
            raise _unreadable(self.place.position, error) from error

    def _exact(self, value: Plain) -> Plain:
        return exact(unseal(value, self.private))


def checked(rows: Iterable[Stored], after: Place) -> Iterator[Logged]:
    """Yield the events that follow a place, each after checking where it stands, its digest and its private values.

    And that its columns repeat its body. Raises IntegrityError for the first that is not whole.
    """
    previous, position = after.digest, after.position
    for row in rows:
        position += 1
        if row.position != position:
            raise IntegrityError(f"event {position} is missing")
        previous = link(previous, row.body)
        if previous != row.digest:
            raise IntegrityError(f"event {position} does not fit the hash chain: it, or the one before it, was altered")
        yield _logged(row, Place(position, previous))


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


def _logged(row: Stored, place: Place) -> Logged:
    try:
        tree: Any = decode_loosely(row.body)
        private: Any = decode(row.private)
        _check_private(private, row)
        if tree["id"] != row.id or tree["type"] != row.type or not _same_moment(tree["at"], row.recorded_at):
            raise _repeated_otherwise(tree, row)
    except _UNREADABLE as error:
        raise _unreadable(place.position, error) from error
    return Logged(place, row.body, tree, private)


def _check_private(private: Mapping[str, Plain], row: Stored) -> None:
    if not private:
        return
    try:
        check_private(private)
    except (IntegrityError, ValueError, IndexError) as error:
        raise IntegrityError(f"event {row.position} has a private value that it never committed to") from error
    body = row.body
    if any(not stands_in(one, body) for one in private) and private.keys() - commitments(decode_loosely(body)):
        raise IntegrityError(f"event {row.position} keeps a private value that it does not hold")


def _same_moment(text: str, column: str | datetime) -> bool:
    """Say whether a column has this moment; mostly it has the very text, which spares reading it."""
    if text == column:
        return True
    return from_text(text) == (from_text(column) if isinstance(column, str) else column)


def _repeated_otherwise(tree: Mapping[str, Any], row: Stored) -> IntegrityError:
    same = {"id": tree["id"] == row.id, "type": tree["type"] == row.type}
    name = next((name for name, alike in same.items() if not alike), "recorded_at")
    return IntegrityError(f"event {row.position} has another {name} in its column than in its body")


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
