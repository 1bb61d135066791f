"""Puts what there is into requests that were made up, so that they get past the first door; not what was made up."""

from collections.abc import Collection
from typing import Any

from tests.court import Court
from tests.fuzzing.house import Case

# What is mostly left out: each of them turns nearly every request into the same refusal.
_RARE = ("X-View-As", "If-Match")
_SOMETIMES = 4


def fill(case: Case, court: Court, dice: int, linked: Collection[str | None] = ()) -> None:
    """Name what exists, in most cases: `dice` decides, bit by bit. What is linked comes from an answer, and stays."""
    for name in case.path_parameters or {}:
        if name in court.things and name not in linked:
            case.path_parameters[name] = court.things[name]
    if dice % _SOMETIMES:
        for name in set(_RARE) - set(linked):
            case.headers.pop(name, None)
    known = known_values(court)
    if dice // _SOMETIMES % _SOMETIMES:
        for name in set(case.query or {}) & set(known):
            case.query[name] = known[name]
        if isinstance(case.body, dict):
            case.body |= {name: known[name] for name in set(case.body) & set(known)}


def known_values(court: Court) -> dict[str, Any]:
    """Return what parts of requests may be, by their names."""
    return {
        "pack": court.things["name"],
        "version": court.things["version"],
        "email": court.addresses["outsider"],
        "user": court.users["outsider"],
        "roles": ["player"],
        "target": court.things["entity"],
        "kind": "note",
        "filter": "stars >= 0",
        "sort": "-name",
        "fields": "name,stars",
        "from": "2026-05-01T12:00:00Z",
        "as_of": "2026-05-01T12:00:00Z",
    }
