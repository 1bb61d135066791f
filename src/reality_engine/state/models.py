"""The tables of state: every entity as it is, in facets, with its refs and unique values, and as it was.

What an index of the present loses is kept as having once been so. That only finds what to look at: whether it was so at
a moment is said by the past states.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id, Json, Moment

NAME = 200
UNIQUE_LENGTH = 600


class EntityRow(Base):
    """What an entity is, apart from its fields. `since` is the position of the event that last changed this row.

    Most events change fields alone, and leave it as it is.
    """

    __tablename__ = "entities"
    # Both hold all that is asked of them: without statistics, SQLite else goes through the world.
    __table_args__ = (Index(None, "world", "kind", "id"), Index(None, "world", "owner", "kind", "id"))

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(NAME))
    owner: Mapped[str | None] = mapped_column(String(NAME))
    life: Mapped[str] = mapped_column(String(16))
    audience: Mapped[dict[str, Any] | None] = mapped_column(Json)
    since: Mapped[int] = mapped_column(BigInteger)


class FacetRow(Base):
    """The fields of an entity that share one audience, whose keys stand here and, to be found by, with visibility.

    `since` is the position of the event that last changed this row, `changed_at` when what it shows changed last.
    """

    __tablename__ = "entity_facets"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    entity: Mapped[str] = mapped_column(Id(), primary_key=True)
    facet: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(NAME))
    fields: Mapped[dict[str, Any]] = mapped_column(Json)
    keys: Mapped[list[Any]] = mapped_column(Json)
    since: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(Moment())


class PastEntityRow(Base):
    """What an entity was, from the event at `since` until just before the one at `until`."""

    __tablename__ = "past_entities"
    __table_args__ = (Index(None, "world", "owner", "kind", "id"),)

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    until: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(NAME))
    owner: Mapped[str | None] = mapped_column(String(NAME))
    life: Mapped[str] = mapped_column(String(16))
    audience: Mapped[dict[str, Any] | None] = mapped_column(Json)


class PastFacetRow(Base):
    """What a facet held and who could see it, from the event at `since` until just before the one at `until`."""

    __tablename__ = "past_entity_facets"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    entity: Mapped[str] = mapped_column(Id(), primary_key=True)
    facet: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    since: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    until: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(NAME))
    fields: Mapped[dict[str, Any]] = mapped_column(Json)
    keys: Mapped[list[Any]] = mapped_column(Json)
    changed_at: Mapped[datetime] = mapped_column(Moment())


class RefRow(Base):
    """A live entity's ref: `source` refers to `target` by `path`, such as `character.faction`."""

    __tablename__ = "entity_refs"
    __table_args__ = (Index(None, "world", "source", "path", "target"),)

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    target: Mapped[str] = mapped_column(Id(), primary_key=True)
    path: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    source: Mapped[str] = mapped_column(Id(), primary_key=True)


class UniqueRow(Base):
    """A live entity's value of a unique field; the primary key is what makes it unique."""

    __tablename__ = "entity_uniques"
    # From a user to the worlds that they are a member of, which is the one look-up across worlds.
    __table_args__ = (
        Index(
            "ix_entity_uniques_member",
            "value",
            "world",
            sqlite_where=text("kind = 'member' AND field = 'user'"),
            postgresql_where=text("kind = 'member' AND field = 'user'"),
        ),
    )

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    field: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    value: Mapped[str] = mapped_column(String(UNIQUE_LENGTH), primary_key=True)
    entity: Mapped[str] = mapped_column(Id())


class PastRefRow(Base):
    """`source` has referred to `target` by `path` at some time."""

    __tablename__ = "past_entity_refs"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    target: Mapped[str] = mapped_column(Id(), primary_key=True)
    path: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    source: Mapped[str] = mapped_column(Id(), primary_key=True)


class PastUniqueRow(Base):
    """This entity has had this value of a unique field at some time."""

    __tablename__ = "past_entity_uniques"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    field: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    value: Mapped[str] = mapped_column(String(UNIQUE_LENGTH), primary_key=True)
    entity: Mapped[str] = mapped_column(Id(), primary_key=True)
