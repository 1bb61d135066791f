"""The rows by which entities are found: by who may see them, by refs, unique values and indexed ones; pure."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Final, TypeAlias

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row, Shape, shape_of
from reality_engine.packs.compiled import Kind
from reality_engine.state.entity import unique_key
from reality_engine.state.held import Held, HeldFacet
from reality_engine.state.models import RefRow, UniqueRow
from reality_engine.visibility.keys import EVERYTHING, newest_first, pack_key
from reality_engine.visibility.models import EntityAudienceRow, EntityValueRow
from reality_engine.visibility.sortable import sortable

AUDIENCES: Final = shape_of(EntityAudienceRow)
REFS: Final = shape_of(RefRow)
UNIQUES: Final = shape_of(UniqueRow)
VALUES: Final = shape_of(EntityValueRow)

Indexing: TypeAlias = Callable[[str, Kind, Held], set[Row]]


def audience_rows(world: str, kind: Kind, held: Held) -> set[Row]:
    """Return a row for each facet and key; no key opens what is deleted."""
    key = held.entity.id
    return {
        (world, kind.name, pack_key(one), key, number) for number, facet in held.facets.items() for one in facet.keys
    }


def ref_rows(world: str, kind: Kind, held: Held) -> set[Row]:
    """Return a row for each ref of a live entity."""
    fields = held.entity.fields if held.entity.live else {}
    found = ((name, fields.get(name)) for name in kind.refs)
    return {(world, to, f"{kind.name}.{name}", held.entity.id) for name, to in found if isinstance(to, str)}


def unique_rows(world: str, kind: Kind, held: Held) -> set[Row]:
    """Return a row for each unique field of a live entity that has a value."""
    fields = held.entity.fields if held.entity.live else {}
    found = ((name, fields.get(name)) for name in kind.uniques)
    return {(world, kind.name, name, unique_key(one), held.entity.id) for name, one in found if one is not None}


def value_rows(world: str, kind: Kind, held: Held) -> set[Row]:
    """Return the values of a live entity's indexed and unique fields, once for each key of the facet that has them."""
    entity, found = held.entity, set[Row]()
    if not entity.live or not kind.indexed:
        return found
    newest = newest_first(entity.id)
    for name in kind.indexed:
        spec = kind.fields[name]
        value = sortable(spec.value.base, entity.fields.get(name))
        if value is not None:
            keys = (EVERYTHING, *map(pack_key, held.facets[spec.facet].keys))
            found.update((world, kind.name, name, key, value, entity.id, newest) for key in keys)
    return found


INDEXES: Final[Mapping[Shape, Indexing]] = {
    AUDIENCES: audience_rows, REFS: ref_rows, UNIQUES: unique_rows, VALUES: value_rows,
}  # fmt: skip
_NAMES: Final[Mapping[Shape, Callable[[Kind], tuple[str, ...]]]] = {
    REFS: attrgetter("refs"), UNIQUES: attrgetter("uniques"), VALUES: attrgetter("indexed"),
}  # fmt: skip
_BY_KEYS: Final = frozenset({AUDIENCES, VALUES})


def index(batch: Batch, world: str, entities: Iterable[tuple[Kind, Held | None, Held]]) -> None:
    """Bring the indexes of entities from what was held (None: nothing) to what is."""
    gained: list[tuple[Shape, set[Row]]] = []
    for kind, before, after in entities:
        for shape in _touched(kind, before, after):
            rows_of = INDEXES[shape]
            new, old = rows_of(world, kind, after), rows_of(world, kind, before) if before is not None else set[Row]()
            for row in old - new:
                batch.drop(shape, shape.key_of(row))
            gained.append((shape, new - old))
    # After all that is lost, since one entity may take over a unique value that another one had.
    for shape, rows in gained:
        for row in rows:
            batch.insert(shape, row)


def _touched(kind: Kind, before: Held | None, after: Held) -> Iterable[Shape]:
    """Return the indexes in which anything may have changed."""
    if before is None or before.entity.live != after.entity.live:
        return INDEXES
    old, new = before.entity.fields, after.entity.fields
    settled = same_keys(before.facets, after.facets)
    if settled and all(old.get(name) == new.get(name) for name in kind.found_by):
        return ()
    touched = [shape for shape, names in _NAMES.items() if any(old.get(name) != new.get(name) for name in names(kind))]
    return touched if settled else _BY_KEYS.union(touched)


def same_keys(old: Mapping[int, HeldFacet], new: Mapping[int, HeldFacet]) -> bool:
    """Say whether there are the same facets, for the same to see."""
    if old.keys() != new.keys():
        return False
    for number, facet in new.items():
        was = old[number]
        if facet is not was and facet.keys != was.keys:
            return False
    return True
