"""What an expression asks for while it is evaluated; not where the answers come from."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol, TypeAlias

from reality_engine.kernel.json import Plain

Path: TypeAlias = tuple[str, ...]


class Unset:
    """The type of `UNSET`."""

    def __repr__(self) -> str:
        """Show the one instance by its name."""
        return "UNSET"


# What a path yields when it has no value: the field was never set, or a ref on the way is empty.
UNSET: Final = Unset()
Found: TypeAlias = "Plain | Unset"


class Bindings(Protocol):
    """The values behind an expression's names, as plain JSON values (see `kernel.json.Plain`)."""

    def value(self, path: Path) -> Found:
        """Return what a path such as ("actor", "faction", "name") holds now."""
        ...

    def fields(self, name: str) -> Mapping[str, Plain]:
        """Return what a variable has below it: an entity its fields, a record its members; nothing where it is none."""
        ...

    def entity(self, path: Path) -> str | None:
        """Return the id of the entity a path leads to (a variable or a ref), or None."""
        ...

    def walk(self, entity: str, path: Path) -> Found:
        """Return what a path that starts at the entity with this id holds."""
        ...

    def find(self, kind: str, field: str, key: Plain) -> str | None:
        """Return the id of the one live entity of `kind` whose unique `field` equals `key`, or None."""
        ...

    def referring(self, entity: str, kind: str, field: str) -> Sequence[Mapping[str, Plain]]:
        """Return the fields (with id, owner) of all live entities of `kind` whose `field` refers to `entity`, by id."""
        ...
