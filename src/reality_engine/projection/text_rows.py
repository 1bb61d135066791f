"""Says by which words entities are found, in place of those before; pure. What counts as one: `visibility.words`."""

from collections.abc import Iterable
from typing import Final

from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.packs.compiled import Kind
from reality_engine.projection.texts import facet_words
from reality_engine.state.entity import Entity
from reality_engine.state.held import Held
from reality_engine.visibility.models import EntityTextRow

TEXTS: Final = shape_of(EntityTextRow)


def keep_entity_texts(batch: Batch, world: str, entities: Iterable[tuple[Kind, Held | None, Held]]) -> None:
    """Bring the words of entities from what they were (None: nothing) to what they are."""
    for kind, before, after in entities:
        key = after.entity.id
        for facet in kind.facets:
            number = facet.index
            if before is not None and _same_texts(before.entity, after.entity, kind.worded[number]):
                continue
            was = facet_words(kind, facet, before.entity if before is not None else None)
            words = facet_words(kind, facet, after.entity)
            row = (world, key, number, kind.name, words)
            if words and not was:
                batch.insert(TEXTS, row)
            elif words and words != was:
                batch.put(TEXTS, row)
            elif was and not words:
                batch.drop(TEXTS, (world, key, number))


def _same_texts(before: Entity, after: Entity, names: Iterable[str]) -> bool:
    """Say whether nothing that has words can have changed, which spares looking for them."""
    old, new = before.fields, after.fields
    return before.life is after.life and all(old.get(name) == new.get(name) for name in names)
