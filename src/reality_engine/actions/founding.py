"""A world that is about to be: nothing is in it, and nothing about it is unknown."""

from dataclasses import dataclass, field

from reality_engine.eventlog.event import Event, Head, Undone
from reality_engine.packs.compiled import CompiledPack
from reality_engine.state.entity import Entity
from reality_engine.state.held import Held
from reality_engine.visibility.audience import Scope


@dataclass(frozen=True)
class Unfounded:
    """Implements `Known`."""

    world: str
    head: Head
    pack: CompiledPack
    scopes: dict[str, Scope] = field(default_factory=dict)

    def held(self, _key: str) -> Held | None:
        """See Known."""
        return None

    def entity(self, _key: str) -> Entity | None:
        """See Facts."""
        return None

    def event(self, _key: str) -> frozenset[str] | None:
        """See Facts."""
        return None

    def find(self, _kind: str, _field: str, _key: str) -> str | None:
        """See Facts."""
        return None

    def referring(self, _entity: str, _kind: str, _field: str) -> frozenset[str]:
        """See Facts."""
        return frozenset()

    def belongings(self, _user: str) -> frozenset[str]:
        """See Known."""
        return frozenset()

    def past_event(self, _key: str) -> Event | None:
        """See Past."""
        return None

    def cascade(self, _key: str) -> tuple[Event, ...]:
        """See Past."""
        return ()

    def undone(self, _key: str) -> Undone | None:
        """See Past."""
        return None
