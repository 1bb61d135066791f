from sqlalchemy import inspect
from sqlalchemy.orm import configure_mappers

from reality_engine.app.tables import all_tables
from reality_engine.db.base import Base


def test_no_relationship_loads_by_itself() -> None:
    all_tables()
    configure_mappers()
    lazy = [
        f"{mapper.class_.__name__}.{relationship.key}"
        for mapper in Base.registry.mappers
        for relationship in inspect(mapper).relationships
        if relationship.lazy not in ("raise", "raise_on_sql")
    ]
    assert lazy == []


def test_every_constraint_and_index_has_a_name() -> None:
    tables = all_tables().tables.values()
    constraints = [f"{table}: {part}" for table in tables for part in table.constraints if part.name is None]
    indexes = [f"{table}: {part}" for table in tables for part in table.indexes if part.name is None]
    assert constraints + indexes == []
