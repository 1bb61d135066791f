import pytest
from sqlalchemy import select
from sqlalchemy.dialects import registry

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.dialects.postgresql import Postgresql
from reality_engine.db.dialects.sqlite import Sqlite
from reality_engine.kernel.ids import fresh_id
from reality_engine.state.models import FacetRow
from reality_engine.visibility.audience import Scope, sees
from reality_engine.visibility.models import EventFacetRow
from reality_engine.visibility.predicates import newest_entities, newest_events, visible_event_facets, visible_facets
from tests.serving import NOON

WORLD = fresh_id(NOON)
PLAYER = Scope(frozenset({"everyone", "members", "role:player"}))
MASTER = Scope(frozenset({"everyone"}), everything=True)
NOBODY = Scope(frozenset())


def newest(ours: Dialect, scope: Scope) -> list[str]:
    dialect = registry.load(ours.name)()
    queries = (newest_events(ours, scope, WORLD, 7, 50), newest_entities(ours, scope, WORLD, "thing", None, 50))
    return [str(query.compile(dialect=dialect)) for query in queries]


@pytest.mark.parametrize("ours", [Sqlite(), Postgresql()])
def test_the_statement_is_the_same_however_many_keys_there_are(ours: Dialect) -> None:
    many = Scope(frozenset(f"role:{number}" for number in range(1000)))
    assert newest(ours, PLAYER) == newest(ours, NOBODY) == newest(ours, many)


@pytest.mark.parametrize("ours", [Sqlite(), Postgresql()])
def test_who_sees_everything_asks_for_no_key(ours: Dialect) -> None:
    assert not any("audiences" in told for told in newest(ours, MASTER))
    assert str(visible_facets(MASTER)) == str(visible_event_facets(MASTER)) == "true"


def test_a_facet_is_looked_up_by_its_whole_key() -> None:
    told = str(select(FacetRow.entity).where(visible_facets(PLAYER)))
    for column in ("world", "kind", "entity", "facet"):
        assert f"entity_audiences.{column} = entity_facets.{column}" in told
    assert told.count("FROM entity_facets") == 1  # correlated, not joined with itself
    told = str(select(EventFacetRow.position).where(visible_event_facets(PLAYER)))
    for column in ("world", "position", "facet"):
        assert f"event_audiences.{column} = event_facets.{column}" in told


def test_one_key_in_common_is_enough() -> None:
    assert sees(PLAYER, {"role:gm", "members"})
    assert not sees(PLAYER, {"role:gm"})
    assert not sees(PLAYER, set())
    assert sees(MASTER, set())
