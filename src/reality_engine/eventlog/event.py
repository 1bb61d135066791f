"""An event as it stands in the log: a fact with its place, its content and what is known of who did it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Change


class Recorded(NamedTuple):
    """A change with the audience keys of the field it is of, fixed when it happened.

    `keys` see what it is after, `keys_before` what it was before: they differ where the change moved an audience.
    """

    change: Change
    keys: frozenset[str]
    keys_before: frozenset[str]
    private: bool = False


class Moved(NamedTuple):
    """The audience of the head of an earlier event, named by its id, going from some keys to others."""

    event: str
    before: frozenset[str]
    after: frozenset[str]


class Undone(NamedTuple):
    """An event that was undone, and the id of the undo; with `whole`, and all that came of the same action."""

    event: str
    by: str
    whole: bool


# The type of an event that undid others.
UNDONE: Final = "world.undone"

_NOTHING: Final[Mapping[str, Any]] = {}


class Event(NamedTuple):
    """An immutable fact. `keys` are the audience of its head: type, action, narrative, rolls and data.

    `cause` is the id of the event that caused it and `correlation` that of the action's own event. `private_input`
    names the inputs, and every text in `data` and `narrative` is private too: such values enter the digest only as
    commitments. `moved` is what it did to the audiences of earlier events.
    """

    id: str
    position: int
    type: str
    recorded_at: datetime
    correlation: str
    depth: int
    pack: str
    principal_kind: str
    principal: str
    credential: str | None
    keys: frozenset[str]
    action: str | None = None
    rule: str | None = None
    acting: str | None = None
    target: str | None = None
    cause: str | None = None
    occurred_at: str | None = None
    input: Mapping[str, Plain] = _NOTHING
    private_input: frozenset[str] = frozenset()
    changes: tuple[Recorded, ...] = ()
    rolls: Mapping[str, Plain] = _NOTHING
    pattern: str | None = None
    arguments: Mapping[str, str] = _NOTHING
    data: Mapping[str, Plain] = _NOTHING
    moved: tuple[Moved, ...] = ()


def mark_of(event: Event) -> Undone | None:
    """Return what an event says that it undid, None where it is no undo."""
    if event.type != UNDONE:
        return None
    return Undone(str(event.data["event"]), event.id, whole=event.data["cascade"] is True)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a world's log stands: the last position and its digest, under which pack, in which epoch.

    The epoch counts what rewrites the past or the rules (erasure, rebuild, upgrade), so that a cache can tell. `scopes`
    is the position of the last event that may have changed who sees what: scopes that are older still hold.
    """

    position: int
    digest: bytes
    epoch: int
    pack: str
    recorded_at: datetime
    scopes: int = 0
