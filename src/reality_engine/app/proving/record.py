"""What happened in one world, played again from its log in memory; the judge of a proof goes by this, not by SQL."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from reality_engine.eventlog.event import Event
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.holding import FacetState, facets
from reality_engine.projection.replaying import Replay
from reality_engine.state.entity import Entity


@dataclass
class Record:
    """A world's events in order, and the entities that they make."""

    pack: CompiledPack
    events: list[Event] = field(default_factory=list)
    # Each entity as it was after each event that changed it, with that event's position.
    states: list[tuple[int, Entity]] = field(default_factory=list)
    # Who sees the head of each event now, by its id.
    heads: dict[str, frozenset[str]] = field(default_factory=dict)
    replay: Replay = field(init=False)
    # By the identity of the value, which is held on to; so worlds that are only foreseen may share it.
    _facets: dict[int, tuple[Entity, dict[int, FacetState]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.replay = Replay(self.pack)

    @property
    def entities(self) -> dict[str, Entity]:
        """Everything there is, deleted things too, in the order in which it was made."""
        return self.replay.entities

    def play(self, events: Iterable[Event]) -> None:
        """Go on with further events."""
        for event in events:
            self.replay.play(event)
            self.events.append(event)
            self.heads[event.id] = event.keys
            self.heads.update({moved.event: moved.after for moved in event.moved})
            touched = dict.fromkeys(recorded.change.entity for recorded in event.changes)
            self.states.extend((event.position, self.entities[key]) for key in touched)

    def foreseen(self, events: Iterable[Event]) -> "Record":
        """Return what this would become; this one stays as it is."""
        other = copy.copy(self)
        other.events, other.states, other.heads = list(self.events), list(self.states), dict(self.heads)
        other.replay = copy.copy(self.replay)
        for name, value in vars(self.replay).items():
            if isinstance(value, dict):
                setattr(other.replay, name, copy.copy(value))
        other.play(events)
        return other

    def facets(self, entity: Entity) -> dict[int, FacetState]:
        """Return the facets of an entity with the keys of those who may see each."""
        known = self._facets.get(id(entity))
        if known is None:
            known = (entity, facets(self.pack.kinds[entity.kind], entity))
            self._facets[id(entity)] = known
        return known[1]

    def hold(self, name: str, kind: str) -> list[Any]:
        """Return the values that a field has in this world, hidden ones too."""
        held = (one.get(name) for one in self.entities.values() if one.kind == kind and one.live)
        return [value for value in held if value is not None]
