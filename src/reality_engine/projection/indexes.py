"""The rows by which entities are found: by who may see them, by refs, unique values and indexed ones; pure.

Those that are lost, but of indexed values, are kept as having once been so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Final, TypeAlias

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row, Shape, shape_of
from reality_engine.packs.compiled import Kind
from reality_engine.projection.steps import Step
from reality_engine.state.entity import unique_key
from reality_engine.state.held import Held, HeldFacet
from reality_engine.state.models import PastRefRow, PastUniqueRow, RefRow, UniqueRow
from reality_engine.visibility.keys import EVERYTHING, newest_first, pack_key
from reality_engine.visibility.models import EntityAudienceRow, EntityValueRow, PastAudienceRow
from reality_engine.visibility.sortable import sortable

AUDIENCES: Final = shape_of(EntityAudienceRow)
REFS: Final = shape_of(RefRow)
UNIQUES: Final = shape_of(UniqueRow)
VALUES: Final = shape_of(EntityValueRow)
PAST_AUDIENCES: Final = shape_of(PastAudienceRow)
PAST_REFS: Final = shape_of(PastRefRow)
PAST_UNIQUES: Final = shape_of(PastUniqueRow)

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
# Where the rows of an index are kept once they are lost.
PAST: Final[Mapping[Shape, Shape]] = {AUDIENCES: PAST_AUDIENCES, REFS: PAST_REFS, UNIQUES: PAST_UNIQUES}
_NAMES: Final[Mapping[Shape, Callable[[Kind], tuple[str, ...]]]] = {
    REFS: attrgetter("refs"), UNIQUES: attrgetter("uniques"), VALUES: attrgetter("indexed"),
}  # fmt: skip
_BY_KEYS: Final = frozenset({AUDIENCES, VALUES})


def index(batch: Batch, world: str, steps: Iterable[Step]) -> None:
    """Bring the indexes of entities from what was held to what is, event by event."""
    for _, of_event in groupby(steps, key=attrgetter("position")):
        gained: list[tuple[Shape, set[Row]]] = []
        for step in of_event:
            for shape, lost, new in moves(world, step):
                if lost:
                    _lose(batch, shape, lost, step.position)
                gained.append((shape, new))
        # After all that is lost, since one entity may take over a unique value that another one had.
        for shape, rows in gained:
            for row in rows:
                batch.insert(shape, row)


def _lose(batch: Batch, shape: Shape, lost: Iterable[Row], position: int) -> None:
    for row in lost:
        batch.drop(shape, shape.key_of(row))
    if shape in PAST:
        for row in past_rows(shape, lost, position):
            batch.put(PAST[shape], row)


def moves(world: str, step: Step) -> Iterator[tuple[Shape, set[Row], set[Row]]]:
    """Yield the rows of each index that are lost by an event, and those that are won."""
    kind, before, after = step.kind, step.was, step.now
    for shape in INDEXES if step.old is not None else _touched(kind, before, after):
        rows_of = INDEXES[shape]
        old = rows_of(world, step.kind_before, before) if before is not None else set[Row]()
        new = rows_of(world, kind, after)
        yield shape, old - new, new - old


def past_rows(shape: Shape, lost: Iterable[Row], until: int) -> Iterable[Row]:
    """Return what is kept of lost rows of an index; of those of audiences, until when they were there too."""
    return [(*row, until) for row in lost] if shape is AUDIENCES else lost


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
