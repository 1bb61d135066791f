"""Writes the words by which entities and events are searched; not what counts as one, see `visibility.words`."""

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, insert

from reality_engine.db.unit import WriteUnit
from reality_engine.packs.compiled import CompiledPack, Facet
from reality_engine.projection.texts import event_words, facet_words
from reality_engine.projection.writing import Rows, write_rows
from reality_engine.state.entity import Entity
from reality_engine.visibility.models import EntityTextRow, EventTextRow
from reality_engine.visibility.parts import EventFacet


async def add_event_texts(unit: WriteUnit, world: str, parts: list[tuple[int, EventFacet]]) -> None:
    """Insert the words of parts of events, given with their positions; parts without any have no row."""
    rows: Rows = [
        {"world": world, "position": position, "facet": part.facet, "words": words}
        for position, part in parts
        if (words := event_words(part.content))
    ]
    await write_rows(unit, insert(EventTextRow), rows)


async def keep_entity_texts(
    unit: WriteUnit, world: str, pack: CompiledPack, before: Mapping[str, Entity | None], after: Mapping[str, Entity]
) -> None:
    """Bring the words of entities from what they were to what they are: of what changed between, nothing is kept."""
    written: Rows = []
    gone: Rows = []
    for key, entity in after.items():
        kind, old = pack.kinds[entity.kind], before.get(key)
        for facet in kind.facets:
            if _same_texts(facet, old, entity):
                continue
            was, words = (facet_words(kind, facet, one) for one in (old, entity))
            if words and words != was:
                place = {"world": world, "entity": key, "facet": facet.index, "kind": kind.name}
                written.append({**place, "words": words})
            elif was and not words:
                gone.append({"w": world, "e": key, "f": facet.index})
    statement = unit.dialect.upsert(EntityTextRow, ("world", "entity", "facet"), ("words",))
    await write_rows(unit, statement, written)
    table = EntityTextRow.__table__
    matches = (table.c.world == bindparam("w")) & (table.c.entity == bindparam("e"))
    await write_rows(unit, delete(EntityTextRow).where(matches & (table.c.facet == bindparam("f"))), gone)


def _same_texts(facet: Facet, before: Entity | None, after: Entity) -> bool:
    """Say whether nothing that the facet shows can have changed, which spares making words of it."""
    if before is None or before.live != after.live:
        return False
    return all(before.fields.get(name) == after.fields.get(name) for name in facet.fields)
