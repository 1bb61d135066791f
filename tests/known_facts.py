"""Facts that are given one answer at a time, for tests and the bench; a server has its memories of worlds."""

from dataclasses import dataclass, field

from reality_engine.eventlog.event import Event, Undone
from reality_engine.rules.decision import (
    CascadeQuestion,
    EntityQuestion,
    EventQuestion,
    FindQuestion,
    LackError,
    PastEventQuestion,
    ReferringQuestion,
    UndoneQuestion,
)
from reality_engine.state.entity import Entity


@dataclass
class KnownFacts:
    """Implements `Facts`: what was not given, it lacks."""

    entities: dict[str, Entity | None] = field(default_factory=dict)
    events: dict[str, frozenset[str] | None] = field(default_factory=dict)
    finds: dict[FindQuestion, str | None] = field(default_factory=dict)
    references: dict[ReferringQuestion, frozenset[str]] = field(default_factory=dict)

    def entity(self, key: str) -> Entity | None:
        """See Facts."""
        if key not in self.entities:
            raise LackError(EntityQuestion(key))
        return self.entities[key]

    def event(self, key: str) -> frozenset[str] | None:
        """See Facts."""
        if key not in self.events:
            raise LackError(EventQuestion(key))
        return self.events[key]

    def past_event(self, key: str) -> Event | None:
        """See Past."""
        raise LackError(PastEventQuestion(key))

    def cascade(self, key: str) -> tuple[Event, ...]:
        """See Past."""
        raise LackError(CascadeQuestion(key))

    def undone(self, key: str) -> Undone | None:
        """See Past."""
        raise LackError(UndoneQuestion(key))

    def find(self, kind: str, field: str, key: str) -> str | None:
        """See Facts."""
        question = FindQuestion(kind, field, key)
        if question not in self.finds:
            raise LackError(question)
        return self.finds[question]

    def referring(self, entity: str, kind: str, field: str) -> frozenset[str]:
        """See Facts."""
        question = ReferringQuestion(entity, kind, field)
        if question not in self.references:
            raise LackError(question)
        return self.references[question]
