"""What is known of a world while deciding, with a way to say what is not known yet; not where facts are loaded from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from reality_engine.eventlog.event import Event, Undone, mark_of
from reality_engine.packs.compiled import CompiledPack
from reality_engine.state.entity import Entity, unique_key


class Past(Protocol):
    """Answers about what happened before, which undoing asks. Each method raises LackError where it is not known."""

    def past_event(self, key: str) -> Event | None:
        """Return an event that happened before, or None."""
        ...

    def cascade(self, key: str) -> tuple[Event, ...]:
        """Return the events of the action whose own event has this id, in order; none where there is no such event."""
        ...

    def undone(self, key: str) -> Undone | None:
        """Return by what the event with this id was undone last, whether that holds or not; None if it never was."""
        ...


class Facts(Past, Protocol):
    """Answers about the state before the action. Each method raises LackError where the answer is not known."""

    def entity(self, key: str) -> Entity | None:
        """Return an entity, deleted ones too, or None where there is none."""
        ...

    def event(self, key: str) -> frozenset[str] | None:
        """Return the keys that see the head of an event, or None where there is no such event."""
        ...

    def find(self, kind: str, field: str, key: str) -> str | None:
        """Return the id of the live entity whose unique field has the value with this `unique_key`."""
        ...

    def referring(self, entity: str, kind: str, field: str) -> frozenset[str]:
        """Return the ids of the live entities of a kind whose ref field holds this entity."""
        ...


@dataclass(frozen=True)
class WholeWorld:
    """All of a world's entities in memory, for pack scenarios and tests: lacks nothing."""

    pack: CompiledPack
    entities: Mapping[str, Entity]
    events: Mapping[str, frozenset[str]] = field(default_factory=dict)
    log: Mapping[str, Event] = field(default_factory=dict)

    def entity(self, key: str) -> Entity | None:
        """See Facts."""
        return self.entities.get(key)

    def event(self, key: str) -> frozenset[str] | None:
        """See Facts."""
        return self.events.get(key)

    def past_event(self, key: str) -> Event | None:
        """See Past."""
        return self.log.get(key)

    def cascade(self, key: str) -> tuple[Event, ...]:
        """See Past."""
        return tuple(event for event in self.log.values() if event.correlation == key)

    def undone(self, key: str) -> Undone | None:
        """See Past."""
        marks = (mark_of(event) for event in reversed(list(self.log.values())))
        return next((mark for mark in marks if mark is not None and mark.event == key), None)

    def find(self, kind: str, field: str, key: str) -> str | None:
        """See Facts."""
        for entity in self.entities.values():
            value = entity.get(field) if entity.kind == kind and entity.live else None
            if value is not None and unique_key(value) == key:
                return entity.id
        return None

    def referring(self, entity: str, kind: str, field: str) -> frozenset[str]:
        """See Facts."""
        return frozenset(
            other.id
            for other in self.entities.values()
            if other.kind == kind and other.live and other.get(field) == entity
        )
