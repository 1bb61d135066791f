"""A world as it will be once what is pending is committed: changes laid over what is known; not how they came about."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from reality_engine.actions.indexes import Indexes
from reality_engine.actions.known import Known
from reality_engine.actions.pending import Pending, joined
from reality_engine.eventlog.event import Event, Head, Undone, mark_of
from reality_engine.state.entity import Entity
from reality_engine.state.held import Held
from reality_engine.visibility.audience import Scope


class Ground(Known, Protocol):
    """What an outlook can be laid over, and what takes it over when it is pending no longer."""

    @property
    def indexes(self) -> Indexes:
        """How its entities are looked up."""
        ...

    def take(self, pending: Pending) -> None:
        """Go on to where these changes have led."""
        ...


class Outlook:
    """Implements `Ground`, over a memory or over another outlook. Dropping it undoes what it holds."""

    def __init__(self, under: Ground) -> None:
        """Begin with what is known, and nothing pending."""
        self.world: Final = under.world
        self.pack: Final = under.pack
        self.indexes: Final = under.indexes
        self._under = under
        self._pending: Final = Pending(under.head)

    @property
    def head(self) -> Head:
        """See Known."""
        return self._pending.head

    @property
    def scopes(self) -> dict[str, Scope]:
        """See Known: as long as nothing has moved them, those below, to be worked out once for both."""
        return self._under.scopes if self._pending.scopes is None else self._pending.scopes

    def held(self, key: str) -> Held | None:
        """See Known."""
        mine = self._pending.entities.get(key)
        return self._under.held(key) if mine is None else mine

    def entity(self, key: str) -> Entity | None:
        """See Facts."""
        return _entity(self.held(key))

    def event(self, key: str) -> frozenset[str] | None:
        """See Facts."""
        mine = self._pending.heads.get(key)
        return self._under.event(key) if mine is None else mine

    def find(self, kind: str, field: str, key: str) -> str | None:
        """See Facts."""
        mine, place = self._pending.finds, (kind, field, key)
        return mine[place] if place in mine else self._under.find(kind, field, key)

    def referring(self, entity: str, kind: str, field: str) -> frozenset[str]:
        """See Facts."""
        more = self._pending.references.get((entity, kind, field))
        return joined(self._under.referring(entity, kind, field), more)

    def belongings(self, user: str) -> frozenset[str]:
        """See Known."""
        return joined(self._under.belongings(user), self._pending.owned.get(user))

    def past_event(self, key: str) -> Event | None:
        """See Past."""
        mine = self._pending.past.get(key)
        return self._under.past_event(key) if mine is None else mine

    def cascade(self, key: str) -> tuple[Event, ...]:
        """See Past."""
        mine = tuple(event for event in self._pending.past.values() if event.correlation == key)
        return mine or self._under.cascade(key)

    def undone(self, key: str) -> Undone | None:
        """See Past."""
        mine = self._pending.undos.get(key)
        return self._under.undone(key) if mine is None else mine

    def happening(self) -> list[Event]:
        """Return the events that are pending, in order."""
        below = self._under.happening() if isinstance(self._under, Outlook) else []
        return [*below, *self._pending.past.values()]

    def happened(
        self, head: Head, before: Mapping[str, Held | None], after: Mapping[str, Held], events: Iterable[Event]
    ) -> None:
        """Go on to where events have led: the entities they changed are as in `after`."""
        pending = self._pending
        steps = list(self.indexes.moving([(_entity(before.get(key)), held.entity) for key, held in after.items()]))
        pending.entities.update(after)
        pending.finds.update(self.indexes.finds(steps))
        for place, source, there in self.indexes.references(steps):
            pending.references[place][source] = there
        for user, entity, there in self.indexes.owners(steps):
            pending.owned[user][entity] = there
        for event in events:
            pending.past[event.id] = event
            pending.heads[event.id] = event.keys
            for one in event.moved:
                pending.heads[one.event] = one.after
            if (mark := mark_of(event)) is not None:
                pending.undos[mark.event] = mark
        if head.scopes != pending.head.scopes:
            pending.scopes = {}
        pending.head = head

    def take(self, pending: Pending) -> None:
        """See Ground."""
        self._pending.update(pending)

    def settle(self) -> None:
        """Have what is under this one take it over; this one is of no use after that."""
        self._under.take(self._pending)

    def lie_over(self, ground: Ground) -> None:
        """Go on over what has taken over all that was under this one."""
        self._under = ground


def _entity(held: Held | None) -> Entity | None:
    return None if held is None else held.entity
