"""What an index of visible values holds of one entity: a row for each value and key; not the table, nor its readers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from reality_engine.packs.compiled import Kind
from reality_engine.state.entity import Entity
from reality_engine.visibility.keys import EVERYTHING, newest_first, pack_key
from reality_engine.visibility.sortable import sortable

# The field, the key of who may find the entity by it, and the value.
IndexedValue: TypeAlias = tuple[str, bytes, bytes]


def indexed_values(kind: Kind, entity: Entity, keys: Mapping[int, Iterable[str]]) -> Iterator[IndexedValue]:
    """Yield the values of an entity's indexed and unique fields, once for each key of the facet that holds them."""
    for name, spec in kind.fields.items():
        value = sortable(spec.value.base, entity.get(name)) if spec.index or spec.unique else None
        if value is not None:
            yield name, EVERYTHING, value
            yield from ((name, pack_key(key), value) for key in keys[spec.facet])


def value_rows(place: Mapping[str, str], values: Iterable[IndexedValue]) -> Iterator[dict[str, Any]]:
    """Yield the rows of `entity_values` for an entity, whose world, kind and id are its `place`."""
    newest = newest_first(place["entity"])
    for name, key, value in values:
        yield {**place, "field": name, "key": key, "value": value, "newest": newest}
