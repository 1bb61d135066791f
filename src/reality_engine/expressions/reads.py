"""Fetches, while an expression runs, what its special forms stand for; plain paths need none of this."""

from dataclasses import dataclass
from dataclasses import field as a_field
from typing import Protocol

from reality_engine.expressions.bindings import UNSET, Bindings, Found, Path
from reality_engine.expressions.errors import NoValueError
from reality_engine.expressions.values import Incoming
from reality_engine.kernel.json import Plain


class Key(Protocol):
    """The expression behind a key of `find`."""

    def evaluate(self, bindings: Bindings) -> Plain:
        """Return the key."""
        ...


class Origin(Protocol):
    """Where a path starts, and the path."""

    def value(self, bindings: Bindings) -> Found:
        """Return what the path holds."""
        ...

    def entity(self, bindings: Bindings) -> str | None:
        """Return the id of the entity it leads to."""
        ...


class Slot(Protocol):
    """A value that a program expects under a name of its own."""

    @property
    def name(self) -> str:
        """The name."""
        ...

    def read(self, bindings: Bindings) -> object:
        """Return the value, or None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class FromVariable:
    """A path from a variable."""

    path: Path

    def value(self, bindings: Bindings) -> Found:
        """Return what the path holds."""
        return bindings.value(self.path)

    def entity(self, bindings: Bindings) -> str | None:
        """Return the id of the entity it leads to."""
        return bindings.entity(self.path)


@dataclass(frozen=True, slots=True)
class FromLookup:
    """A path from the entity that `find` gives; a key without a value finds nothing."""

    kind: str
    field: str
    key: Key = a_field(repr=False)
    path: Path = ()

    def value(self, bindings: Bindings) -> Found:
        """Return what the path holds."""
        found = self._find(bindings)
        if found is None:
            return UNSET
        return found if self.path in ((), ("id",)) else bindings.walk(found, self.path)

    def entity(self, bindings: Bindings) -> str | None:
        """Return the id of the entity it leads to."""
        found = self.value(bindings)
        return found if isinstance(found, str) else None

    def _find(self, bindings: Bindings) -> str | None:
        try:
            key = self.key.evaluate(bindings)
        except NoValueError:
            return None
        return None if key is None else bindings.find(self.kind, self.field, key)


@dataclass(frozen=True, slots=True)
class ValueSlot:
    """`find(…).path`."""

    name: str
    origin: Origin
    convert: Incoming | None

    def read(self, bindings: Bindings) -> object:
        """Return what the path holds."""
        found = self.origin.value(bindings)
        if found is UNSET or found is None or self.convert is None:
            return None if found is UNSET else found
        return self.convert(found)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class IsSetSlot:
    """`is_set(path)`; `rest` are the keys below a map or JSON value, `entity` that the path ends at an entity."""

    name: str
    origin: Origin
    entity: bool
    rest: Path = ()

    def read(self, bindings: Bindings) -> bool:
        """Say whether there is a value."""
        if self.entity:
            return self.origin.entity(bindings) is not None
        found = self.origin.value(bindings)
        for key in self.rest:
            found = found.get(key) if isinstance(found, dict) else None
        return found is not UNSET and found is not None


@dataclass(frozen=True, slots=True)
class ReferringSlot:
    """`referring(path, 'kind.field')`; the path of an empty ref gives no value."""

    name: str
    origin: Origin
    kind: str
    field: str
    convert: Incoming

    def read(self, bindings: Bindings) -> list[object] | None:
        """Return the records of the entities that refer."""
        entity = self.origin.entity(bindings)
        if entity is None:
            return None
        return [self.convert(dict(row)) for row in bindings.referring(entity, self.kind, self.field)]
