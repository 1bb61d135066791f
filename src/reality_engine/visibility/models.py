"""The tables by which things are found for those who may see them, a row for each audience key; not what is found."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id, Json, Number
from reality_engine.visibility.sortable import SORTABLE_BYTES

NAME = 200
KEY_BYTES = 1 + NAME


class EntityAudienceRow(Base):
    """This facet of this live entity may be seen by holders of this key."""

    __tablename__ = "entity_audiences"
    __table_args__ = (Index(None, "world", "entity"),)

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    entity: Mapped[str] = mapped_column(Id(), primary_key=True)
    facet: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)


class PastAudienceRow(Base):
    """This facet of this entity could be seen by holders of this key, the last time before the event at `until`.

    Like what else has once been so, it only finds what to look at (`state.models`).
    """

    __tablename__ = "past_entity_audiences"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    entity: Mapped[str] = mapped_column(Id(), primary_key=True)
    facet: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    until: Mapped[int] = mapped_column(BigInteger)


class EntityValueRow(Base):
    """This live entity has this value in an indexed field, and holders of this key may see it.

    `value` sorts as the values do, `newest` is the entity's id with every bit turned, so that both can be walked along
    upwards with the newest first.
    """

    __tablename__ = "entity_values"
    __table_args__ = (Index(None, "world", "kind", "field", "key", "value", "newest"),)

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    field: Mapped[str] = mapped_column(String(NAME), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary(SORTABLE_BYTES), primary_key=True)
    entity: Mapped[str] = mapped_column(Id(), primary_key=True)
    newest: Mapped[bytes] = mapped_column(LargeBinary(16))


class EventFacetRow(Base):
    """The parts of an event that share one audience, ready to be shown, beside its keys."""

    __tablename__ = "event_facets"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    facet: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    keys: Mapped[list[Any]] = mapped_column(Json)


class MovedEventRow(Base):
    """An event whose head was revealed or concealed, and the keys that see it since."""

    __tablename__ = "moved_events"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    keys: Mapped[list[Any]] = mapped_column(Json)


class FacetMoveRow(Base):
    """The event at this position let others see a facet of an entity than before, and changed nothing of what it shows.

    So whoever asks what came into sight or went out of it need not look at all there is.
    """

    __tablename__ = "facet_moves"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entity: Mapped[str] = mapped_column(Id(), primary_key=True)
    facet: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)


class UndoneEventRow(Base):
    """An event that was undone, and the undo that did it last; with `whole`, and all that came of the same action."""

    __tablename__ = "undone_events"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    event: Mapped[str] = mapped_column(Id(), primary_key=True)
    by: Mapped[str] = mapped_column(Id())
    whole: Mapped[bool] = mapped_column(Boolean)


class EventAudienceRow(Base):
    """This facet of this event may be seen by holders of this key."""

    __tablename__ = "event_audiences"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    facet: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)


class EntityTextRow(Base):
    """The words of a facet of a live entity, each with a space before it, to be searched (`visibility.words`).

    The database keeps an index of the words beside the table (`db.migrations.word_index`), by `number`.
    """

    __tablename__ = "entity_texts"
    __table_args__ = (UniqueConstraint("world", "entity", "facet"),)

    number: Mapped[int] = mapped_column(Number, primary_key=True)
    world: Mapped[str] = mapped_column(Id())
    entity: Mapped[str] = mapped_column(Id())
    facet: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(NAME))
    words: Mapped[str] = mapped_column(Text)


class PastTextRow(Base):
    """The words that a facet of an entity had before the event at `until`, kept like those that it has.

    Rows follow each other: those of a moment are the first with a later `until`, and where there is none, those of now.
    Where it had none before it had some, that is a row too.
    """

    __tablename__ = "past_entity_texts"
    __table_args__ = (UniqueConstraint("world", "entity", "facet", "until"),)

    number: Mapped[int] = mapped_column(Number, primary_key=True)
    world: Mapped[str] = mapped_column(Id())
    entity: Mapped[str] = mapped_column(Id())
    facet: Mapped[int] = mapped_column(SmallInteger)
    until: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(NAME))
    words: Mapped[str] = mapped_column(Text)


class EventTextRow(Base):
    """The words of a part of an event, kept like those of entities."""

    __tablename__ = "event_texts"
    __table_args__ = (UniqueConstraint("world", "position", "facet"),)

    number: Mapped[int] = mapped_column(Number, primary_key=True)
    world: Mapped[str] = mapped_column(Id())
    position: Mapped[int] = mapped_column(BigInteger)
    facet: Mapped[int] = mapped_column(SmallInteger)
    words: Mapped[str] = mapped_column(Text)
