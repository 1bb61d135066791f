"""Folds many events in place: what `fold` makes of them one by one, with no object for a change; pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from reality_engine.kernel.json import Plain, same
from reality_engine.state.entity import ATTRIBUTES, Change, Entity
from reality_engine.state.fold import apply, differing


class _Made:
    """An entity whose fields are changed where they are; `entity` has the rest of it, `event` is the last that did."""

    __slots__ = ("entity", "event", "fields", "revision")

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.fields: dict[str, Plain] = {}
        self.revision = 0
        self.event = 0

    def now(self) -> Entity:
        return self.entity._replace(fields=dict(self.fields), revision=self.revision)


class Folding:
    """The entities that events make, from the first one on."""

    def __init__(self) -> None:
        """Begin with none."""
        self._made: dict[str, _Made] = {}
        self._events = 0

    def __len__(self) -> int:
        """Return how many entities there are."""
        return len(self._made)

    def play(self, changes: Iterable[Sequence[Any]]) -> None:
        """Fold one more event, each of whose changes begins with the values of a `Change`; raises IntegrityError."""
        self._events += 1
        for change in changes:
            key, name, after = change[0], change[2], change[4]
            made = self._made.get(key)
            if made is None or name in ATTRIBUTES:
                made = self._attribute(made, Change(*change[:5]))
            else:
                held = made.fields.get(name)
                if held is not change[3] and not same(held, change[3]):
                    raise differing(key, name)
                if after is None:
                    made.fields.pop(name, None)
                else:
                    made.fields[name] = after
            if made.event != self._events:
                made.event = self._events
                made.revision += 1

    def entities(self) -> dict[str, Entity]:
        """Return the entities as they are now."""
        return {key: made.now() for key, made in self._made.items()}

    def _attribute(self, made: _Made | None, change: Change) -> _Made:
        """Apply a change to an entity as a whole, which are few."""
        if made is None:
            made = self._made[change.entity] = _Made(apply(None, change))
        else:
            made.entity = apply(made.entity, change)
        return made
