import pytest
from sqlalchemy import select
from sqlalchemy.dialects import registry

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


@pytest.mark.parametrize("name", ["postgresql", "sqlite"])
def test_each_key_has_a_limited_branch_of_its_own(name: str) -> None:
    dialect = registry.load(name)()
    for query in (newest_events(PLAYER, WORLD, 7, 50), newest_entities(PLAYER, WORLD, "thing", None, 50)):
        told = str(query.compile(dialect=dialect))
        assert told.count("LIMIT") == 1 + len(PLAYER.keys)
        assert told.count("UNION ALL") == len(PLAYER.keys) - 1


def test_who_sees_everything_asks_for_no_key() -> None:
    for query in (newest_events(MASTER, WORLD, None, 50), newest_entities(MASTER, WORLD, "thing", None, 50)):
        assert "audiences" not in str(query)
    assert str(visible_facets(MASTER)) == str(visible_event_facets(MASTER)) == "true"


def test_a_scope_without_keys_finds_nothing() -> None:
    assert "false" in str(newest_events(NOBODY, WORLD, None, 50))
    assert "false" in str(newest_entities(NOBODY, WORLD, "thing", None, 50))


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
