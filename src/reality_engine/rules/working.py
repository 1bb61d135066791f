"""The state as it is in the middle of a decision: facts from before, overlaid with what has changed since."""

from collections.abc import Iterable
from typing import Final

from reality_engine.eventlog.event import Event, Moved, Undone
from reality_engine.kernel.json import Plain, same
from reality_engine.packs.compiled import CompiledPack, Kind
from reality_engine.rules.decision import LackError, Question
from reality_engine.rules.facts import Facts
from reality_engine.state.entity import LIFE, Change, Entity, Life, unique_key
from reality_engine.state.fold import apply


class Working:
    """Entities with the changes made so far, of which `find` and `referring` know too.

    `now` holds all that was asked for or changed, as it is now: a decision asks for the same few entities again and
    again. `before` holds those that changed as they were before the action, `opened` as before the open event.
    """

    def __init__(self, pack: CompiledPack, facts: Facts) -> None:
        """Begin with nothing changed."""
        self._pack: Final = pack
        self._facts: Final = facts
        self.now: Final[dict[str, Entity | None]] = {}
        self._unique: dict[tuple[str, str, str], str | None] = {}
        self._joined: dict[tuple[str, str, str], set[str]] = {}
        self._left: dict[tuple[str, str, str], set[str]] = {}
        self._pending: dict[tuple[str, str], Change] = {}
        self._heads: dict[str, frozenset[str]] = {}
        self._moved: dict[str, Moved] = {}
        self.opened: dict[str, Entity | None] = {}
        self.before: dict[str, Entity | None] = {}
        self.after: dict[str, Entity] = {}

    def entity(self, key: str) -> Entity | None:
        """Return the entity as it is now, or None."""
        if key in self.now:
            return self.now[key]
        found = self.now[key] = self._facts.entity(key)
        return found

    def event(self, key: str) -> frozenset[str] | None:
        """Return the keys that see the head of an earlier event now, or None where there is no such event."""
        return self._heads[key] if key in self._heads else self._facts.event(key)

    def past_event(self, key: str) -> Event | None:
        """See `facts.Past`."""
        return self._facts.past_event(key)

    def cascade(self, key: str) -> tuple[Event, ...]:
        """See `facts.Past`."""
        return self._facts.cascade(key)

    def undone(self, key: str) -> Undone | None:
        """See `facts.Past`."""
        return self._facts.undone(key)

    def move(self, event: str, keys: frozenset[str]) -> None:
        """Let the head of an earlier event be seen by these keys."""
        now = self.event(event) or frozenset()
        earlier = self._moved.get(event)
        self._heads[event] = keys
        self._moved[event] = Moved(event, earlier.before if earlier else now, keys)

    def find(self, kind: str, field: str, key: str) -> str | None:
        """Return the id of the live entity with this value in a unique field, as it is now."""
        mine = (kind, field, key)
        return self._unique[mine] if mine in self._unique else self._facts.find(kind, field, key)

    def referring(self, entity: str, kind: str, field: str) -> list[Entity]:
        """Return the live entities that refer to this one now, by id."""
        mine = (entity, kind, field)
        known = self._facts.referring(entity, kind, field) - self._left.get(mine, set())
        return self.entities(sorted(known | self._joined.get(mine, set())))

    def entities(self, keys: Iterable[str]) -> list[Entity]:
        """Return those entities that there are; what is not known of any of them is asked for at once."""
        found: list[Entity | None] = []
        lacking: list[Question] = []
        for key in keys:
            try:
                found.append(self.entity(key))
            except LackError as lack:
                lacking.extend(lack.questions)
        if lacking:
            raise LackError(*lacking)
        return [one for one in found if one is not None]

    def create(self, key: str, kind: str) -> Entity:
        """Bring a new entity into being, still without fields."""
        change = Change(key, kind, LIFE, None, str(Life.LIVE))
        self._write(None, apply(None, change), change)
        return self.after[key]

    def set(self, entity: Entity, field: str, value: Plain) -> None:
        """Give a field of an entity a value, in its stored form; None takes it away."""
        now = self.after.get(entity.id, entity)
        held = now.get(field)
        if not same(held, value):
            self.put(now, field, held, value)

    def put(self, now: Entity, field: str, held: Plain, value: Plain) -> None:
        """Give a field of an entity as it is now another value than the one that it is known to hold."""
        self._write(now, now.changed(field, value), Change(now.id, now.kind, field, held, value))

    def _write(self, old: Entity | None, new: Entity, change: Change) -> None:
        """Keep a change; several to one field in one event become one, and one that changes nothing is dropped."""
        key, field = new.id, change.field
        if key not in self.opened:
            self.opened[key] = old
            self.before.setdefault(key, old)
        self.after[key] = self.now[key] = new
        kind = self._pack.kinds[new.kind]
        if field == LIFE or field in kind.found_by:
            self._index(kind, old, new, field)
        mine = (key, field)
        earlier = self._pending.get(mine)
        if earlier is None:
            self._pending[mine] = change
        elif same(earlier.before, change.after):
            del self._pending[mine]
        else:
            # Where it was before: an entity's coming into being must stay the first that is told of it.
            self._pending[mine] = change._replace(before=earlier.before)

    def close_event(self) -> tuple[Change, ...]:
        """End the event: return its changes in order."""
        changes = tuple(self._pending.values())
        self.opened = {}
        self._pending.clear()
        return changes

    def close_moves(self) -> tuple[Moved, ...]:
        """End the event: return what it did to audiences of earlier ones, without what comes to nothing."""
        moved = tuple([one for one in self._moved.values() if one.before != one.after])
        self._moved.clear()
        return moved

    def touched(self) -> list[str]:
        """Return the ids of the entities that the open event has changed, in order of their first change."""
        return list(dict.fromkeys([entity for entity, _ in self._pending]))

    def _index(self, kind: Kind, old: Entity | None, new: Entity, field: str) -> None:
        for name in kind.uniques:
            if field in (name, LIFE):
                self._index_unique(old, new, name)
        for name in kind.refs:
            if field in (name, LIFE):
                self._index_ref(old, new, name)

    def _index_unique(self, old: Entity | None, new: Entity, field: str) -> None:
        for entity, holder in ((old, None), (new, new.id)):
            value = entity.get(field) if entity is not None and entity.live else None
            if value is not None:
                self._unique[new.kind, field, unique_key(value)] = holder

    def _index_ref(self, old: Entity | None, new: Entity, field: str) -> None:
        for entity, gained, lost in ((old, self._left, self._joined), (new, self._joined, self._left)):
            held = entity.get(field) if entity is not None and entity.live else None
            if isinstance(held, str):
                mine = (held, new.kind, field)
                gained.setdefault(mine, set()).add(new.id)
                lost.setdefault(mine, set()).discard(new.id)
