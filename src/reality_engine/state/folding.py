"""Folds many events in place: what `fold` makes of them one by one, with no object for a change; pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from reality_engine.kernel.json import Plain, same
from reality_engine.state.entity import ATTRIBUTES, Change, Entity
from reality_engine.state.fold import apply, differing


class _Made:
    """An entity whose fields are changed where they are; `entity` has the rest of it."""

    __slots__ = ("entity", "fields")

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.fields: dict[str, Plain] = {}


class Folding:
    """The entities that events make, from the first one on."""

    def __init__(self) -> None:
        """Begin with none."""
        self._made: dict[str, _Made] = {}

    def __len__(self) -> int:
        """Return how many entities there are."""
        return len(self._made)

    def play(self, changes: Iterable[Sequence[Any]]) -> None:
        """Fold one more event, each of whose changes begins with the values of a `Change`; raises IntegrityError."""
        for change in changes:
            key, name, before, after = change[0], change[2], change[3], change[4]
            made = self._made.get(key)
            if made is None or name in ATTRIBUTES:
                self._change_whole(made, Change(*change[:5]))
                continue
            fields = made.fields
            held = fields.get(name)
            if held is not before and not same(held, before):
                raise differing(key, name)
            if after is None:
                fields.pop(name, None)
            else:
                fields[name] = after

    def entities(self) -> dict[str, Entity]:
        """Return the entities as they are now."""
        return {key: made.entity.with_fields(dict(made.fields)) for key, made in self._made.items()}

    def _change_whole(self, made: _Made | None, change: Change) -> None:
        """Apply a change to an entity as a whole, of which there are few."""
        if made is None:
            self._made[change.entity] = _Made(apply(None, change))
        else:
            made.entity = apply(made.entity, change)
