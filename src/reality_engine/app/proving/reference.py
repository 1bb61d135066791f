"""All that somebody may see of a world, worked out in memory from the specification; not what the engine shows."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reality_engine.app.proving.record import Record
from reality_engine.eventlog.event import Event, Recorded
from reality_engine.expressions.template import render
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain, encode
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.scenarios.sight import may_enter, scope_in
from reality_engine.state.audience import user_key
from reality_engine.state.entity import Entity
from reality_engine.visibility.audience import Scope, sees


@dataclass
class Sight:
    """What one viewer may see of one world now: `entities` by id, `events` in order; nothing where they may not enter.

    The order is that in which things came about, which viewers are told by the order of lists. `past` is what was there
    before for whoever holds these keys: each with how many of the events had happened.
    """

    viewer: Principal
    scope: Scope
    enters: bool = False
    settings: Mapping[str, Plain] = field(default_factory=dict)
    entities: dict[str, dict[str, Plain]] = field(default_factory=dict)
    events: list[dict[str, Plain]] = field(default_factory=list)
    past: list[Plain] = field(default_factory=list)

    def text(self) -> str:
        """Write it down, so that two sights can be compared."""
        whole = [self.enters, dict(self.settings), list(self.entities.values()), self.events, self.past]
        return encode(whole).decode()


def sight_of(record: Record, viewer: Principal, scope: Scope | None = None) -> Sight:
    """Return all that a viewer may see; with `scope`, what they would see with that one."""
    entities = record.entities
    scope = scope or scope_in(record.pack, entities, viewer)
    world = entities[WORLD_ENTITY]
    if not (world.live and may_enter(entities, viewer)):
        return Sight(viewer, scope)
    sight = Sight(viewer, scope, enters=True, settings=world.fields)
    for key, entity in entities.items():
        shown = _entity(record, entity, scope)
        if shown is not None:
            sight.entities[key] = shown
    sight.events = events_seen(record.events, sight, record)
    sight.past = _past(record, sight)
    return sight


def events_seen(events: list[Event], sight: Sight, record: Record) -> list[dict[str, Plain]]:
    """Return as much of these events as may be seen, in order; those of which nothing may be are left out."""
    heads = {key for key, keys in record.heads.items() if sees(sight.scope, keys)}
    # All events of an action have its moment: steps between them would count what is hidden.
    moments = {event.id: event.recorded_at for event in record.events}
    found = (_event(event, sight, heads, moments[event.correlation]) for event in events)
    return [event for event in found if event is not None]


def _entity(record: Record, entity: Entity, scope: Scope) -> dict[str, Plain] | None:
    if not (entity.live or scope.everything):
        return None
    fields: dict[str, Plain] = {}
    shown: dict[str, Plain] = {}
    moments = []
    for number, facet in record.facets(entity).items():
        if sees(scope, frozenset(facet.keys)):
            fields.update(facet.fields)
            moments.append(record.replay.held[entity.id].facets[number].changed_at)
            if number == 0:
                shown["deleted"] = not entity.live
            if number == record.pack.kinds[entity.kind].owner_facet:
                shown["owner"] = entity.owner
    if not moments:
        return None
    return {"id": entity.id, "kind": entity.kind, "fields": fields, "changed": to_text(max(moments)), **shown}


def _past(record: Record, sight: Sight) -> list[Plain]:
    positions = {event.id: event.position for event in record.events}
    seen = [positions[str(event["id"])] for event in sight.events]
    held: dict[str, Plain] = {}
    past: list[Plain] = []
    for position, entity in record.states:
        state = _state(record, entity, sight.scope)
        if state != held.get(entity.id):
            held[entity.id] = state
            past.append([bisect_left(seen, position), entity.id, state])
    return past


def _state(record: Record, entity: Entity, scope: Scope) -> Plain:
    if not (entity.live or scope.everything):
        return None
    owner = record.pack.kinds[entity.kind].owner_facet
    shown: list[Plain] = [
        [number, facet.fields, entity.owner if number == owner else None]
        for number, facet in record.facets(entity).items()
        if sees(scope, frozenset(facet.keys))
    ]
    return shown or None


def _event(event: Event, sight: Sight, heads: set[str], at: datetime) -> dict[str, Plain] | None:
    shown: dict[str, Plain] = {}
    if event.id in heads:
        shown |= _head(event, sight, heads)
    acted = event.principal_kind in (PrincipalKind.PERSON, PrincipalKind.BOT)
    if event.input and sees(sight.scope, frozenset({user_key(event.principal)} if acted else ())):
        shown["input"] = dict(event.input)
    changes: list[Plain] = [side for recorded in event.changes if (side := _side(recorded, sight.scope)) is not None]
    if changes:
        shown["changes"] = changes
    return {"id": event.id, "at": to_text(at), **shown} if shown else None


def _head(event: Event, sight: Sight, heads: set[str]) -> dict[str, Plain]:
    narrative = None if event.pattern is None else render(event.pattern, event.arguments)
    shown: dict[str, Plain] = {
        "type": event.type, "action": event.action, "narrative": narrative, "rolls": dict(event.rolls),
        "data": dict(event.data), "occurred": event.occurred_at,
    }  # fmt: skip
    if sight.scope.member or event.principal == sight.viewer.id:
        shown["by"] = [event.principal_kind, event.principal]
    if event.cause in heads:
        shown["cause"] = event.cause
    shown |= {part: key for part, key in (("actor", event.acting), ("target", event.target)) if key in sight.entities}
    return shown


def _side(recorded: Recorded, scope: Scope) -> dict[str, Plain] | None:
    change = recorded.change
    before, after = sees(scope, recorded.keys_before), sees(scope, recorded.keys)
    if not (before or after):
        return None
    shown: dict[str, Plain] = {"entity": change.entity, "kind": change.kind, "field": change.field}
    return shown | ({"before": change.before} if before else {}) | ({"after": change.after} if after else {})
