"""By which fields a pack's entities are looked up while deciding, and what a change makes of each; pure."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import CompiledPack
from reality_engine.state.entity import Entity, unique_key

# Kind, field and value of a unique field; the entity that a ref leads to, and the kind and field of that ref.
Find: TypeAlias = tuple[str, str, str]
Reference: TypeAlias = tuple[str, str, str]
# An entity as it was, None where it is new, and as it is.
Step: TypeAlias = tuple[Entity | None, Entity]


class Indexes:
    """The kinds of a pack, and those of them by which one may belong to a group."""

    def __init__(self, pack: CompiledPack) -> None:
        """Read them off a pack."""
        self._kinds: Final = pack.kinds
        self._belonging: Final = frozenset(kind.group.kind for kind in pack.kinds.values() if kind.group)

    def moving(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Yield the steps that may have changed anything that is looked up: most change what no one looks for."""
        for before, after in steps:
            if before is None or before.life is not after.life or before.owner != after.owner:
                yield before, after
                continue
            for name in self._kinds[after.kind].found_by:
                if before.fields.get(name) is not after.fields.get(name):
                    yield before, after
                    break

    def finds(self, steps: Iterable[Step]) -> dict[Find, str | None]:
        """Return who holds which unique value after all steps: nobody what was held before, unless it is held still."""
        gone: dict[Find, str | None] = {}
        held: dict[Find, str | None] = {}
        for before, after in steps:
            for name in self._kinds[after.kind].uniques:
                for entity, found, holder in ((before, gone, None), (after, held, after.id)):
                    value = _live(entity, name)
                    if value is not None:
                        found[after.kind, name, unique_key(value)] = holder
        return gone | held

    def references(self, steps: Iterable[Step]) -> Iterator[tuple[Reference, str, bool]]:
        """Yield each reference that a step took away (False) or made (True), with the entity that refers."""
        for before, after in steps:
            for name in self._kinds[after.kind].refs:
                old, new = _live(before, name), _live(after, name)
                if old != new:
                    if isinstance(old, str):
                        yield (old, after.kind, name), after.id, False
                    if isinstance(new, str):
                        yield (new, after.kind, name), after.id, True

    def owners(self, steps: Iterable[Step]) -> Iterator[tuple[str, str, bool]]:
        """Yield each owner who lost (False) or got (True) an entity by which one may belong to a group."""
        for before, after in steps:
            if after.kind in self._belonging:
                old = None if before is None else before.owner
                if old != after.owner:
                    if old is not None:
                        yield old, after.id, False
                    if after.owner is not None:
                        yield after.owner, after.id, True


def _live(entity: Entity | None, field: str) -> Plain:
    return entity.get(field) if entity is not None and entity.live else None
