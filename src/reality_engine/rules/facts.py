"""What is known of a world while deciding, with a way to say what is not known yet; not where facts are loaded from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from reality_engine.packs.compiled import CompiledPack
from reality_engine.state.entity import Entity, unique_key


class Facts(Protocol):
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

    def entity(self, key: str) -> Entity | None:
        """See Facts."""
        return self.entities.get(key)

    def event(self, key: str) -> frozenset[str] | None:
        """See Facts."""
        return self.events.get(key)

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
