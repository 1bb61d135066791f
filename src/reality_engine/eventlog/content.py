"""The content of an event as it is hashed and stored: one JSON tree, and back; pure. Its form never changes silently.

Changes stand as rows [entity, kind, field, before, after, audience after, audience before], an audience being an index
into `audiences`; the head's own is the first of them, and the last index is left out where it is the same. What it
did to audiences of earlier events stands in `moved` as rows [event, audience before, audience after]. What has no value
is left out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from reality_engine.eventlog.event import Event, Moved, Recorded
from reality_engine.eventlog.sealing import Open, Secret
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Change

FORMAT: Final = 1


def to_content(event: Event) -> Open:
    """Return the tree that is sealed, hashed and stored; the position is left to the chain."""
    audiences = list(
        dict.fromkeys(
            [
                event.keys,
                *(keys for one in event.changes for keys in (one.keys, one.keys_before)),
                *(keys for one in event.moved for keys in (one.before, one.after)),
            ]
        )
    )
    numbers = {keys: number for number, keys in enumerate(audiences)}
    tree: dict[str, Open] = {
        "v": FORMAT, "id": event.id, "type": event.type, "action": event.action, "rule": event.rule,
        "at": to_text(event.recorded_at), "occurred_at": event.occurred_at, "correlation": event.correlation,
        "cause": event.cause, "depth": event.depth or None, "pack": event.pack,
        "by": _by(event),
        "acting": event.acting, "target": event.target,
        "input": {name: _hidden(value, name in event.private_input) for name, value in event.input.items()},
        "changes": [_row(recorded, numbers) for recorded in event.changes],
        "rolls": dict(event.rolls), "pattern": event.pattern,
        "arguments": _hidden_all(event.arguments),
        "data": {name: _hidden(value, not isinstance(value, int | float)) for name, value in event.data.items()},
        "moved": [[one.event, numbers[one.before], numbers[one.after]] for one in event.moved],
        "audiences": [sorted(keys) for keys in audiences],
    }  # fmt: skip
    return {key: part for key, part in tree.items() if part not in (None, {}, [])}


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


def _by(event: Event) -> Open:
    by: dict[str, Open] = {"kind": event.principal_kind, "id": event.principal}
    return {**by, "credential": event.credential} if event.credential else by


def _hidden_all(texts: Mapping[str, str]) -> Open:
    return {name: Secret(text) for name, text in texts.items()}


def _row(recorded: Recorded, numbers: Mapping[frozenset[str], int]) -> Open:
    change = recorded.change
    before, after = (_hidden(value, recorded.private) for value in (change.before, change.after))
    row: list[Open] = [change.entity, change.kind, change.field, before, after, numbers[recorded.keys]]
    return row if recorded.keys == recorded.keys_before else [*row, numbers[recorded.keys_before]]


def _recorded(row: Sequence[Any], audiences: Sequence[frozenset[str]]) -> Recorded:
    return Recorded(Change(*row[:5]), audiences[row[5]], audiences[row[-1]])


def _hidden(value: Plain, private: bool) -> Open:  # noqa: FBT001 - a property of the value beside it
    return Secret(value) if private and value is not None else value


def _moment(text: str) -> datetime:
    return from_text(text)
