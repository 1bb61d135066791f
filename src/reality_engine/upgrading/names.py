"""What the things of a pack were called in the version before, by what they are called now, and the other way round."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reality_engine.packs.compiled import CompiledPack, Field, Kind
from reality_engine.packs.place import Place
from reality_engine.packs.upgrades import At, Migration


@dataclass(frozen=True)
class Between:
    """A pack, the version after it, and what that says of it."""

    old: CompiledPack
    new: CompiledPack
    migration: Migration

    @classmethod
    def of(cls, old: CompiledPack, new: CompiledPack) -> "Between":
        """Return the two with the first entry of the later one that covers the earlier one; else nothing is said."""
        for one in new.upgrades:
            if one.covers(old.version):
                return cls(old, new, one)
        return cls(old, new, Migration(Place("pack.yaml", 1, 1)))

    def kind_after(self, name: str) -> Kind | None:
        """Return what a kind has become, None where it is there no more."""
        return self.new.kinds.get(self.migration.kinds.get(name, name))

    def kind_before(self, name: str) -> Kind | None:
        """Return what a kind was, None where it is new."""
        return self.old.kinds.get(self._kinds_before.get(name, name))

    def field_before(self, kind: Kind, name: str) -> Field | None:
        """Return the field that one of the new pack was, None where it is new."""
        before = self.kind_before(kind.name)
        return None if before is None else before.fields.get(self._fields_before.get((kind.name, name), name))

    def name_after(self, kind: Kind, name: str) -> str:
        """Return what a field is called now that a kind of the new pack had, whether or not it still is there."""
        return self.migration.fields.get((kind.name, name), name)

    def role_after(self, name: str) -> str:
        """Return what a role is called now, whether or not it still is there."""
        return self.migration.roles.get(name, name)

    def pairs(self) -> Iterator[tuple[Kind, Kind]]:
        """Yield the kinds that both have, as they were and as they are."""
        for name, before in self.old.kinds.items():
            after = self.kind_after(name)
            if after is not None:
                yield before, after

    @cached_property
    def _kinds_before(self) -> dict[str, str]:
        return {new: old for old, new in self.migration.kinds.items()}

    @cached_property
    def _fields_before(self) -> dict[At, str]:
        return {(kind, new): old for (kind, old), new in self.migration.fields.items()}
