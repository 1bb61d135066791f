"""Says by which words entities are found, in place of those before; pure. What counts as one: `visibility.words`."""

from collections.abc import Iterable, Iterator
from typing import Final

from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.projection.steps import Step
from reality_engine.projection.texts import entity_words, facet_words
from reality_engine.state.entity import Entity
from reality_engine.visibility.models import EntityTextRow, PastTextRow

TEXTS: Final = shape_of(EntityTextRow)
PAST_TEXTS: Final = shape_of(PastTextRow)


def keep_entity_texts(batch: Batch, world: str, steps: Iterable[Step]) -> None:
    """Bring the words of entities from what they were to what they are, and keep what they were."""
    for step in steps:
        key, kind = step.now.entity.id, step.kind
        for number, was, words in moved_words(step):
            row = (world, key, number, kind.name, words)
            if step.was is not None:
                batch.insert(PAST_TEXTS, (world, key, number, step.position, step.kind_before.name, was))
            if words and not was:
                batch.insert(TEXTS, row)
            elif words:
                batch.put(TEXTS, row)
            else:
                batch.drop(TEXTS, (world, key, number))


def moved_words(step: Step) -> Iterator[tuple[int, str, str]]:
    """Yield the facets whose words an event changed, with those before and those after."""
    kind, before, after = step.kind, step.was, step.now
    if step.old is not None and before is not None:
        old, new = entity_words(step.old, before.entity), entity_words(kind, after.entity)
        places = (at for at in sorted(old.keys() | new.keys()) if old.get(at) != new.get(at))
        yield from ((at, old.get(at, ""), new.get(at, "")) for at in places)
        return
    for facet in kind.facets:
        number = facet.index
        if before is not None and _same_texts(before.entity, after.entity, kind.worded[number]):
            continue
        was = facet_words(kind, facet, before.entity if before is not None else None)
        words = facet_words(kind, facet, after.entity)
        if was != words:
            yield number, was, words


def _same_texts(before: Entity, after: Entity, names: Iterable[str]) -> bool:
    """Say whether nothing that has words can have changed, which spares looking for them."""
    old, new = before.fields, after.fields
    return before.life is after.life and all(old.get(name) == new.get(name) for name in names)
