"""The content of an event as it is hashed and stored: one JSON tree, and back; pure. Its form never changes silently.

Changes stand as rows [entity, kind, field, before, after, audience after, audience before], an audience being an index
into `audiences`; the head's own is the first of them, and the last index is left out where it is the same. What it
did to audiences of earlier events stands in `moved` as rows [event, audience before, audience after]. What has no value
is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, TypeAlias

from reality_engine.eventlog.event import Event, Moved, Recorded
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.json import Plain, all_alike
from reality_engine.state.entity import Change

FORMAT: Final = 1
# Parts that are text where they are there at all.
_TEXTS: Final = ("action", "rule", "occurred_at", "cause", "acting", "target", "pattern")
_texts_of: Final = attrgetter(*_TEXTS)

# Puts a private value away, and returns what stands for it.
Hide: TypeAlias = Callable[[Plain], Plain]


def to_content(event: Event, hide: Hide) -> tuple[dict[str, Plain], bool]:
    """Return the tree that is hashed and stored, with what `hide` gives in place of each private value.

    The position is left to the chain. The flag says that all values in it are alike (`kernel.json.all_alike`).
    """
    tree: dict[str, Plain] = {
        "v": FORMAT, "id": event.id, "type": event.type, "at": to_text(event.recorded_at),
        "correlation": event.correlation, "pack": event.pack, "by": _by(event),
    }  # fmt: skip
    tree |= {name: text for name, text in zip(_TEXTS, _texts_of(event), strict=True) if text is not None}
    tree |= _values(event, hide)
    if event.depth:
        tree["depth"] = event.depth
    numbers = {event.keys: 0}
    if event.changes:
        tree["changes"] = [_row(recorded, numbers, hide) for recorded in event.changes]
    if event.moved:
        tree["moved"] = [_moved(one, numbers) for one in event.moved]
    tree["audiences"] = [[*sorted(keys)] for keys in numbers]
    return tree, _all_alike(event)


def from_content(tree: Mapping[str, Any], position: int) -> Event:
    """Return the event that a tree (its secrets put back, or null where erased) stands for."""
    audiences = [frozenset(keys) for keys in tree["audiences"]]
    by = tree["by"]
    return Event(
        id=tree["id"], position=position, type=tree["type"], recorded_at=_moment(tree["at"]),
        correlation=tree["correlation"], depth=tree.get("depth", 0), pack=tree["pack"],
        principal_kind=by["kind"], principal=by["id"], credential=by.get("credential"), keys=audiences[0],
        action=tree.get("action"), rule=tree.get("rule"), acting=tree.get("acting"), target=tree.get("target"),
        cause=tree.get("cause"), occurred_at=tree.get("occurred_at"), input=tree.get("input", {}),
        changes=tuple(_recorded(row, audiences) for row in tree.get("changes", ())),
        rolls=tree.get("rolls", {}), pattern=tree.get("pattern"),
        arguments={name: text or "" for name, text in tree.get("arguments", {}).items()}, data=tree.get("data", {}),
        moved=tuple(Moved(key, audiences[before], audiences[after]) for key, before, after in tree.get("moved", ())),
    )  # fmt: skip


def _all_alike(event: Event) -> bool:
    """Say whether the values that stand in the content of an event, and did not arise in making it, are all alike.

    Those that are hidden do not stand there, but to look at them costs less than to ask which these are.
    """
    values = [value for recorded in event.changes for value in recorded.change[3:]]
    for held in (event.input, event.rolls, event.data):
        if held:
            values += held.values()
    return all_alike(values)


def _values(event: Event, hide: Hide) -> dict[str, Plain]:
    """Return those parts that hold values by name, as far as they are there."""
    held: dict[str, Plain] = {}
    if event.input:
        private = event.private_input
        held["input"] = {
            name: hide(value) if name in private and value is not None else value for name, value in event.input.items()
        }
    if event.rolls:
        held["rolls"] = {**event.rolls}
    if event.arguments:
        held["arguments"] = {name: hide(text) for name, text in event.arguments.items()}
    if event.data:
        held["data"] = {name: value if _open(value) else hide(value) for name, value in event.data.items()}
    return held


def _by(event: Event) -> Plain:
    by: dict[str, Plain] = {"kind": event.principal_kind, "id": event.principal}
    if event.credential:
        by["credential"] = event.credential
    return by


def _row(recorded: Recorded, numbers: dict[frozenset[str], int], hide: Hide) -> Plain:
    """Return what stands for a change; its audiences get the next numbers where they have none yet."""
    change, keys, keys_before, private = recorded
    entity, kind, field, before, after = change
    if private:
        before, after = (None if value is None else hide(value) for value in (before, after))
    row: list[Plain] = [entity, kind, field, before, after, numbers.setdefault(keys, len(numbers))]
    if keys != keys_before:
        row.append(numbers.setdefault(keys_before, len(numbers)))
    return row


def _moved(moved: Moved, numbers: dict[frozenset[str], int]) -> Plain:
    before = numbers.setdefault(moved.before, len(numbers))
    return [moved.event, before, numbers.setdefault(moved.after, len(numbers))]


def _open(value: Plain) -> bool:
    """Say whether a value of `data` is no secret: neither text nor what may hold one."""
    return value is None or isinstance(value, int | float)


def _recorded(row: Sequence[Any], audiences: Sequence[frozenset[str]]) -> Recorded:
    return Recorded(Change(*row[:5]), audiences[row[5]], audiences[row[-1]])


def _moment(text: str) -> datetime:
    return from_text(text)
