"""No table of a world is missing where worlds are copied, rebuilt, moved or emptied."""

from reality_engine.app.tables import all_tables
from reality_engine.projection.forking import KNOWN
from reality_engine.projection.tables import BESIDE, LOG, PROJECTIONS


def test_every_table_of_a_world_is_told_for_what_it_is() -> None:
    told = [*(shape.name for shape in (*LOG, *PROJECTIONS)), *BESIDE]
    assert len(told) == len(set(told))
    assert set(told) == {table.name for table in all_tables().sorted_tables if "world" in table.columns}


def test_forks_know_how_to_copy_every_table() -> None:
    assert {*PROJECTIONS} == KNOWN
