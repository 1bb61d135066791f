"""The content of an event as it is hashed and stored: one JSON tree, and back; pure. Its form never changes silently.

Changes stand as rows [entity, kind, field, before, after, audience after, audience before], an audience being an index
into `audiences`; the head's own is the first of them, and the last index is left out where it is the same. What it
did to audiences of earlier events stands in `moved` as rows [event, audience before, audience after]. What has no value
is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from reality_engine.eventlog.event import Event, Moved, Recorded
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Change

FORMAT: Final = 1

# Puts a private value away, and returns what stands for it.
Hide: TypeAlias = Callable[[Plain], Plain]


def to_content(event: Event, hide: Hide) -> dict[str, Plain]:
    """Return the tree that is hashed and stored, with what `hide` gives in place of each private value.

    The position is left to the chain.
    """
    numbers = _audiences(event)
    moved: list[Plain] = [[one.event, numbers[one.before], numbers[one.after]] for one in event.moved]
    tree: dict[str, Plain] = {
        "v": FORMAT, "id": event.id, "type": event.type, "action": event.action, "rule": event.rule,
        "at": to_text(event.recorded_at), "occurred_at": event.occurred_at, "correlation": event.correlation,
        "cause": event.cause, "depth": event.depth or None, "pack": event.pack,
        "by": _by(event),
        "acting": event.acting, "target": event.target,
        "input": {
            name: hide(value) if name in event.private_input and value is not None else value
            for name, value in event.input.items()
        },
        "changes": [_row(recorded, numbers, hide) for recorded in event.changes],
        "rolls": {**event.rolls}, "pattern": event.pattern,
        "arguments": {name: hide(text) for name, text in event.arguments.items()},
        "data": {name: value if _open(value) else hide(value) for name, value in event.data.items()},
        "moved": moved,
        "audiences": [[*sorted(keys)] for keys in numbers],
    }  # fmt: skip
    return {key: part for key, part in tree.items() if part or part == ""}


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


def _audiences(event: Event) -> dict[frozenset[str], int]:
    """Number the audiences that the event speaks of, that of its head first."""
    numbers = {event.keys: 0}
    for one in event.changes:
        numbers.setdefault(one.keys, len(numbers))
        numbers.setdefault(one.keys_before, len(numbers))
    for moved in event.moved:
        numbers.setdefault(moved.before, len(numbers))
        numbers.setdefault(moved.after, len(numbers))
    return numbers


def _by(event: Event) -> Plain:
    by: dict[str, Plain] = {"kind": event.principal_kind, "id": event.principal}
    return {**by, "credential": event.credential} if event.credential else by


def _row(recorded: Recorded, numbers: Mapping[frozenset[str], int], hide: Hide) -> Plain:
    change = recorded.change
    before, after = change.before, change.after
    if recorded.private:
        before, after = (None if value is None else hide(value) for value in (before, after))
    row: list[Plain] = [change.entity, change.kind, change.field, before, after, numbers[recorded.keys]]
    if recorded.keys != recorded.keys_before:
        row.append(numbers[recorded.keys_before])
    return row


def _open(value: Plain) -> bool:
    """Say whether a value of `data` is no secret: neither text nor what may hold one."""
    return value is None or isinstance(value, int | float)


def _recorded(row: Sequence[Any], audiences: Sequence[frozenset[str]]) -> Recorded:
    return Recorded(Change(*row[:5]), audiences[row[5]], audiences[row[-1]])


def _moment(text: str) -> datetime:
    return from_text(text)
