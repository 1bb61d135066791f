"""What of an event is shown to whom: its parts, grouped by audience; pure, so that it can be worked out again."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from reality_engine.eventlog.event import Event, Recorded
from reality_engine.expressions.template import render
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.state.audience import user_key

# Under which a change keeps its place in the event.
NUMBER: Final = "n"


@dataclass(frozen=True, slots=True)
class EventFacet:
    """The parts of an event that share one audience; facet 0 holds its head."""

    facet: int
    keys: frozenset[str]
    content: dict[str, Plain]


# An event with its parts.
Shown: TypeAlias = "tuple[Event, list[EventFacet]]"


def shown(event: Event) -> Shown:
    """Return an event with its parts."""
    return event, facets_of(event)


def facets_of(event: Event) -> list[EventFacet]:
    """Split an event: its head, its input (for who acted alone), and each change to those who see the field."""
    parts: dict[frozenset[str], dict[str, Plain]] = {event.keys: {"head": _head(event)}}
    if event.input:
        acting = event.principal_kind in (PrincipalKind.PERSON, PrincipalKind.BOT)
        keys = frozenset({user_key(event.principal)} if acting else ())
        parts.setdefault(keys, {})["input"] = dict(event.input)
    for number, recorded in enumerate(event.changes):
        for keys, shown in _sides(recorded, number):
            held = parts.setdefault(keys, {}).setdefault("changes", [])
            if isinstance(held, list):
                held.append(shown)
    if event.moved:
        # What keys open an event is for those alone who see everything.
        parts.setdefault(frozenset(), {})["moved"] = [
            {"event": one.event, "before": [*sorted(one.before)], "after": [*sorted(one.after)]} for one in event.moved
        ]
    common: dict[str, Plain] = {"id": event.id, "at": to_text(event.recorded_at)}
    return [EventFacet(number, keys, common | part) for number, (keys, part) in enumerate(parts.items())]


def _sides(recorded: Recorded, number: int) -> list[tuple[frozenset[str], dict[str, Plain]]]:
    """Show a change whole to those who saw the field all along, and else each side to those who saw it then.

    Its number orders it among the others that a viewer sees, and is not shown: parts alone would order changes by what
    shares an audience, which may depend on hidden fields.
    """
    change = recorded.change
    place: dict[str, Plain] = {NUMBER: number, "entity": change.entity, "kind": change.kind, "field": change.field}
    if recorded.keys == recorded.keys_before:
        return [(recorded.keys, {**place, "before": change.before, "after": change.after})]
    return [
        (recorded.keys_before, {**place, "before": change.before}),
        (recorded.keys, {**place, "after": change.after}),
    ]


def _head(event: Event) -> dict[str, Plain]:
    narrative = None if event.pattern is None else render(event.pattern, event.arguments)
    head: dict[str, Plain] = {
        "type": event.type, "action": event.action, "narrative": narrative, "rolls": {**event.rolls},
        "data": {**event.data}, "by": {"kind": event.principal_kind, "id": event.principal},
        "actor": event.acting, "target": event.target, "cause": event.cause, "occurred_at": event.occurred_at,
    }  # fmt: skip
    return {name: part for name, part in head.items() if part or part == ""}
