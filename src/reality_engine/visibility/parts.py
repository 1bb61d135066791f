"""What of an event is shown to whom: its parts, grouped by audience; pure, so that it can be worked out again."""

from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeAlias

from reality_engine.eventlog.event import Event
from reality_engine.expressions.template import render
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.state.audience import user_key

# Under which a change keeps its place in the event. It orders it among the others that a viewer sees, and is not shown:
# parts alone would order changes by what shares an audience, which may depend on hidden fields.
NUMBER: Final = "n"
# Of who acted, the key of a bot: for those who look after the world, and the bot itself.
KEY: Final = "key"
# Who is somebody, and may be shown what they have done.
_PEOPLE: Final = frozenset({str(PrincipalKind.PERSON), str(PrincipalKind.BOT)})
# What a head names of what it is about, and where the event has that.
_NAMED: Final = ("actor", "target", "cause", "occurred_at")
_named_in: Final = attrgetter("acting", "target", "cause", "occurred_at")


class EventFacet(NamedTuple):
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
    key, at = event.id, to_text(event.recorded_at)
    parts: dict[frozenset[str], dict[str, Any]] = {event.keys: {"id": key, "at": at, "head": _head(event)}}

    def part(keys: frozenset[str]) -> dict[str, Any]:
        found = parts.get(keys)
        if found is None:
            found = parts[keys] = {"id": key, "at": at}
        return found

    if event.input:
        part(_acting_alone(event))["input"] = dict(event.input)
    for number, (change, keys, keys_before, _) in enumerate(event.changes):
        entity, kind, field, before, after = change
        told: dict[str, Plain] = {NUMBER: number, "entity": entity, "kind": kind, "field": field}
        # Whole to those who saw the field all along, and else each side to those who saw it then.
        if keys == keys_before:
            told["before"], told["after"] = before, after
        else:
            part(keys_before).setdefault("changes", []).append({**told, "before": before})
            told["after"] = after
        part(keys).setdefault("changes", []).append(told)
    if event.moved:
        # What keys open an event is for those alone who see everything.
        part(frozenset())["moved"] = [
            {"event": one.event, "before": [*sorted(one.before)], "after": [*sorted(one.after)]} for one in event.moved
        ]
    return [EventFacet(number, keys, part) for number, (keys, part) in enumerate(parts.items())]


def _acting_alone(event: Event) -> frozenset[str]:
    return frozenset((user_key(event.principal),) if event.principal_kind in _PEOPLE else ())


def _head(event: Event) -> dict[str, Plain]:
    head: dict[str, Plain] = {"type": event.type}
    if event.action is not None:
        head["action"] = event.action
    if event.pattern is not None:
        head["narrative"] = render(event.pattern, event.arguments)
    if event.rolls:
        head["rolls"] = {**event.rolls}
    if event.data:
        head["data"] = {**event.data}
    head["by"] = _by(event)
    head |= {name: text for name, text in zip(_NAMED, _named_in(event), strict=True) if text is not None}
    return head


def _by(event: Event) -> dict[str, Plain]:
    """Return who acted: of a bot with the key that it came with. A person's sessions are nobody else's business."""
    by: dict[str, Plain] = {"kind": event.principal_kind, "id": event.principal}
    if event.principal_kind == PrincipalKind.BOT and event.credential is not None:
        by[KEY] = event.credential
    return by
