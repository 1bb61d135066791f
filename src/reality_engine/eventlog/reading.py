"""Turns stored rows of the log back into events, with every look that tells whether they were touched."""

from collections.abc import Mapping
from typing import Any

from reality_engine.eventlog.chain import link
from reality_engine.eventlog.content import from_content
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.models import EventRow
from reality_engine.eventlog.sealing import check_private, commitments, unseal
from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.json import decode


def event_of(row: EventRow) -> Event:
    """Return the event that a row stands for; raises IntegrityError where the row cannot be read."""
    return event_at(row.position, row.body, row.private)


def event_at(position: int, body: bytes, private: Mapping[str, Any]) -> Event:
    """Return the event that a body and its private values say; raises IntegrityError where they cannot be read."""
    try:
        opened = unseal(decode(body), private)
        if not isinstance(opened, dict):
            raise TypeError("not an object")
        return from_content(opened, position)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise IntegrityError(f"event {position} cannot be read: {error}") from error


def checked_event(row: EventRow, position: int, previous: bytes) -> Event:
    """Return the event after checking its place, digest and private values, and that its columns repeat its body."""
    if row.position != position:
        raise IntegrityError(f"event {position} is missing")
    if link(previous, row.body) != row.digest:
        raise IntegrityError(f"event {position} does not fit the hash chain: it, or the one before it, was altered")
    event = event_of(row)
    _check_private(row, event.position)
    for name in ("id", "type", "recorded_at"):
        if getattr(row, name) != getattr(event, name):
            raise IntegrityError(f"event {position} has another {name} in its column than in its body")
    return event


def _check_private(row: EventRow, position: int) -> None:
    private: Mapping[str, Any] = row.private
    try:
        check_private(private)
    except (IntegrityError, ValueError, IndexError) as error:
        raise IntegrityError(f"event {position} has a private value that it never committed to") from error
    if private.keys() - commitments(decode(row.body)):
        raise IntegrityError(f"event {position} keeps a private value that it does not hold")
