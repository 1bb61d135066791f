"""What an expression over `self` alone can read of an entity; not what rules can, see `rules.bindings`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reality_engine.expressions.bindings import UNSET, Found, Path
from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Entity


@dataclass(frozen=True, slots=True)
class OwnFields:
    """An entity as `self`; implements `expressions.bindings.Bindings`. The compiler lets nothing leave it."""

    self: Entity

    def value(self, path: Path) -> Found:
        """Return what a path such as ("self", "price", "amount") holds, UNSET where it has no value."""
        entity, (name, *rest) = self.self, path[1:] or ("id",)
        attributes: dict[str, Plain] = {"id": entity.id, "owner": entity.owner}
        held = attributes[name] if name in attributes else entity.fields.get(name)
        for part in rest:
            held = held.get(part) if isinstance(held, dict) else None
        return UNSET if held is None else held

    def fields(self, name: str) -> Mapping[str, Plain]:
        """Return the entity's fields, as there is no other variable."""
        return self.self.fields if name == "self" else {}

    def entity(self, path: Path) -> str | None:
        """Return the id that a path holds: that of the entity itself, or of what a ref leads to."""
        held = self.value(path)
        return held if isinstance(held, str) else None

    def walk(self, entity: str, path: Path) -> Found:
        """Raise LookupError: no path leads from here to another entity."""
        raise LookupError(f"{'.'.join(path)} of {entity} is not of self")

    def find(self, kind: str, field: str, key: Plain) -> str | None:
        """Raise LookupError: nothing else is known."""
        raise LookupError(f"{kind}.{field} = {key} is not of self")

    def referring(self, entity: str, kind: str, field: str) -> Sequence[Mapping[str, Plain]]:
        """Raise LookupError: nothing else is known."""
        raise LookupError(f"{kind}.{field} of what refers to {entity} is not of self")
