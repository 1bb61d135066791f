"""The one metadata that every table of the product belongs to, and how its constraints are named; not any table."""

from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from reality_engine.db.types import Json, Moment

# A constraint without a name cannot be dropped by a migration, least of all on SQLite.
NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every `…Row`.

    A relationship, where one is needed inside a package, says `lazy="raise"`: a query that nobody wrote must not
    run by itself, and under asyncio could not. A test holds all of them to it.
    """

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment(), dict[str, Any]: Json, list[Any]: Json}
