"""An entity and the changes made to it; pure values, not their storage.

They are named tuples because an action makes dozens of them: a frozen dataclass takes three times as long to make.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from reality_engine.kernel.json import Plain, canonical

# Changes to an entity as a whole are changes of these, which no pack can use as a field's name.
LIFE: Final = "@life"
OWNER: Final = "@owner"
# What an entity keeps of who may see it beyond what its fields say: see `audience_notes`.
AUDIENCE: Final = "@audience"
# What it is of, which only an upgrade changes.
KIND: Final = "@kind"
ATTRIBUTES: Final = frozenset({LIFE, OWNER, AUDIENCE, KIND})


class Life(StrEnum):
    """The values that `@life` takes; before its creation an entity has none."""

    LIVE = "live"
    DELETED = "deleted"


class Change(NamedTuple):
    """One field of one entity going from one value to another; None means no value."""

    entity: str
    kind: str
    field: str
    before: Plain
    after: Plain


_NOTHING: Final[Mapping[str, Plain]] = {}


class Entity(NamedTuple):
    """A thing in a world. `fields` holds only fields with a value.

    `audience` is what it keeps of who may see it, which is shown to nobody as a part of it.
    """

    id: str
    kind: str
    fields: Mapping[str, Plain] = _NOTHING
    owner: str | None = None
    life: Life = Life.LIVE
    audience: Mapping[str, Plain] = _NOTHING

    @property
    def live(self) -> bool:
        """Whether it exists and is not deleted."""
        return self.life is Life.LIVE

    def get(self, name: str) -> Plain:
        """Return a field's value, attributes such as `@owner` included, or None."""
        held = self.fields.get(name)
        if held is not None or name not in ATTRIBUTES:
            return held
        if name == OWNER:
            return self.owner
        if name == KIND:
            return self.kind
        return str(self.life) if name == LIFE else dict(self.audience) or None

    def changed(self, name: str, value: Plain) -> "Entity":
        """Return the entity with one field set, or without it where `value` is None."""
        if name not in ATTRIBUTES:
            fields = {**self.fields, name: value}
            if value is None:
                del fields[name]
            return Entity(self.id, self.kind, fields, self.owner, self.life, self.audience)
        if name == OWNER:
            return self._replace(owner=None if value is None else str(value))
        if name == LIFE:
            return self._replace(life=Life(str(value)))
        if name == KIND:
            return self._replace(kind=str(value))
        return self._replace(audience=value if isinstance(value, dict) else {})

    def with_fields(self, fields: Mapping[str, Plain]) -> "Entity":
        """Return the entity with these fields instead of its own."""
        return Entity(self.id, self.kind, fields, self.owner, self.life, self.audience)


def unique_key(value: Plain) -> str:
    """Return the text under which a value of a unique field is found."""
    return value if isinstance(value, str) else canonical(value).decode()
