"""The history of an entity costs by the page, not by how often it changed, seen or not: counted, never timed."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import insert

from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.history.reading import history
from reality_engine.kernel.ids import fresh_id
from reality_engine.packs.loader import compile_source
from reality_engine.state.models import EntityRow, FacetRow, PastFacetRow
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EntityAudienceRow
from reality_engine.visibility.viewer import Viewer
from tests.contract.test_costs import cost
from tests.serving import NOON

PACK: Final = """
pack: books
version: 1.0.0
roles: {gm: {sees: everything}, player: {default: true}}
kinds:
  book:
    visible_to: [members]
    fields: {page: {type: integer}, mark: {type: integer, visible_to: [gm]}}
"""
WORLD, SELDOM, OFTEN = (fresh_id(NOON + timedelta(seconds=number)) for number in range(3))
CHANGES: Final = {SELDOM: 60, OFTEN: 6_000}
PAGE: Final = 10


def rows() -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the rows of two books, of which one was read much more."""
    for entity, changes in CHANGES.items():
        held: dict[str, Any] = {"world": WORLD, "kind": "book"}
        yield EntityRow, {**held, "id": entity, "owner": None, "life": "live", "audience": None, "since": 1}
        # The mark changes as often as the page, and is for the game master alone.
        for facet, (name, key) in enumerate((("page", "members"), ("mark", "role:gm"))):
            part = {**held, "entity": entity, "facet": facet, "keys": [key], "changed_at": NOON}
            for number in range(changes):
                past = {"since": number + 1, "until": number + 2, "fields": {name: number}}
                yield PastFacetRow, {**part, **past}
            yield FacetRow, {**part, "since": changes + 1, "fields": {name: changes}}
            yield EntityAudienceRow, {**held, "key": pack_key(key), "entity": entity, "facet": facet}


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[Engines]:
    engines = open_engines(database_url)
    async with Units(engines).write() as unit:
        by_table: dict[Any, list[dict[str, Any]]] = {}
        for table, row in rows():
            by_table.setdefault(table, []).append(row)
        for table, some in by_table.items():
            await unit.session.execute(insert(table), some)
        await unit.commit()
    yield engines
    await engines.close()


@pytest.mark.parametrize("scope", [Scope(frozenset({"members"}), member=True), Scope(frozenset(), everything=True)])
async def test_a_page_of_history_costs_by_its_length(engines: Engines, scope: Scope) -> None:
    viewer = Viewer(WORLD, compile_source({"pack.yaml": PACK}), scope)
    spent = {}
    for entity, changes in CHANGES.items():

        async def read(unit: ReadUnit, viewer: Viewer, entity: str = entity, before: int = changes // 2) -> Any:
            return await history(unit, viewer, entity, PAGE, before)

        spent[entity], found = await cost(engines, read, viewer)
        assert found == PAGE
    assert spent[OFTEN] <= 1.3 * spent[SELDOM] + 20
