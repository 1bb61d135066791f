"""What a process remembers of one world as it was last committed; a part of it, and never what is pending."""

from collections import deque
from collections.abc import Collection, Mapping, Sized
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from reality_engine.actions.generations import Generations
from reality_engine.actions.indexes import Find, Indexes, Reference
from reality_engine.actions.pending import Pending, joined
from reality_engine.eventlog.event import Event, Head, Undone
from reality_engine.packs.compiled import CompiledPack
from reality_engine.rules.decision import (
    BelongingsQuestion,
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
from reality_engine.state.held import Held

if TYPE_CHECKING:
    from reality_engine.visibility.audience import Scope

K = TypeVar("K")
V = TypeVar("V")
Lessons: TypeAlias = list[tuple[Generations[Any, Any], Collection[Any]]]

# How many entities of one world are remembered, and as many answers of each other sort.
MAX_ENTITIES: Final = 20_000


class Memory:
    """Implements `Known`. What it does not hold it lacks: see `recalling` for where that comes from."""

    def __init__(self, world: str, head: Head, pack: CompiledPack, limit: int = MAX_ENTITIES) -> None:
        """Begin with nothing but where the log stands."""
        self.world: Final = world
        self.head = head
        self.pack: Final = pack
        self.indexes: Final = Indexes(pack)
        self.entities: Final = Generations[str, Held | None](limit)
        self.finds: Final = Generations[Find, str | None](limit)
        self.references: Final = Generations[Reference, frozenset[str]](limit)
        self.heads: Final = Generations[str, frozenset[str] | None](limit)
        self.owned: Final = Generations[str, frozenset[str]](limit)
        # Of the past only what is asked for now: it is asked for seldom.
        self.past: Final[dict[str, Event | None]] = {}
        self.cascades: Final[dict[str, tuple[Event, ...]]] = {}
        self.undos: Final[dict[str, Undone | None]] = {}
        self.scopes: dict[str, Scope] = {}
        self._limit: Final = limit
        # What was learned for each group that is not known to have been right: the last is the one being decided.
        self._learned: Final = deque[Lessons]([[]])

    @property
    def size(self) -> int:
        """How many entities and other answers it holds."""
        parts: tuple[Sized, ...] = (
            self.entities, self.finds, self.references, self.heads, self.owned, self.scopes,
        )  # fmt: skip
        return sum(len(part) for part in parts)

    def held(self, key: str) -> Held | None:
        """See Known."""
        try:
            return self.entities[key]
        except KeyError:
            raise LackError(EntityQuestion(key)) from None

    def entity(self, key: str) -> Entity | None:
        """See Facts."""
        held = self.held(key)
        return None if held is None else held.entity

    def event(self, key: str) -> frozenset[str] | None:
        """See Facts."""
        try:
            return self.heads[key]
        except KeyError:
            raise LackError(EventQuestion(key)) from None

    def find(self, kind: str, field: str, key: str) -> str | None:
        """See Facts."""
        try:
            return self.finds[kind, field, key]
        except KeyError:
            raise LackError(FindQuestion(kind, field, key)) from None

    def referring(self, entity: str, kind: str, field: str) -> frozenset[str]:
        """See Facts."""
        try:
            return self.references[entity, kind, field]
        except KeyError:
            raise LackError(ReferringQuestion(entity, kind, field)) from None

    def belongings(self, user: str) -> frozenset[str]:
        """See Known."""
        try:
            return self.owned[user]
        except KeyError:
            raise LackError(BelongingsQuestion(user)) from None

    def past_event(self, key: str) -> Event | None:
        """See Past."""
        if key not in self.past:
            raise LackError(PastEventQuestion(key))
        return self.past[key]

    def cascade(self, key: str) -> tuple[Event, ...]:
        """See Past."""
        if key not in self.cascades:
            raise LackError(CascadeQuestion(key))
        return self.cascades[key]

    def undone(self, key: str) -> Undone | None:
        """See Past."""
        if key not in self.undos:
            raise LackError(UndoneQuestion(key))
        return self.undos[key]

    def learn(self, part: Generations[K, V], answers: Mapping[K, V]) -> None:
        """Remember what was read just now. Only a guard that holds tells that it was so already at the head."""
        part.update(answers)
        self._learned[-1].append((part, answers.keys()))

    def turn(self) -> None:
        """Learn from now on for another group."""
        self._learned.append([])

    def unlearn(self) -> None:
        """Forget what was learned for any group since, and what was made of it: it may be later than the head."""
        if any(self._learned):
            self.scopes = {}
        while self._learned:
            for part, keys in self._learned.pop():
                part.forget(keys)
        self._learned.append([])
        self._forget_past()

    def take(self, pending: Pending) -> None:
        """Remember what is pending no longer."""
        self.entities.update(pending.entities)
        self.finds.update(pending.finds)
        self.heads.update(pending.heads)
        self.undos.update(pending.undos)
        for reference, more in pending.references.items():
            if reference in self.references:
                self.references[reference] = joined(self.references[reference], more)
        for user, more in pending.owned.items():
            if user in self.owned:
                self.owned[user] = joined(self.owned[user], more)
        if pending.scopes is not None:
            self.scopes = pending.scopes
        self.head = pending.head

    def rest(self) -> None:
        """Let go of what was not asked for lately; between decisions, since one may rely on what was there.

        What was learned for the first of the groups was right.
        """
        for part in (self.entities, self.finds, self.references, self.heads, self.owned):
            part.rest()
        if len(self.scopes) > self._limit:
            self.scopes = {}
        self._forget_past()
        self._learned.popleft()
        if not self._learned:
            self._learned.append([])

    def _forget_past(self) -> None:
        for part in (self.past, self.cascades, self.undos):
            part.clear()
