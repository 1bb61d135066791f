"""The tables of the service, as one would draw them for this game alone."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """What all tables share."""


class User(Base):
    """Who logs in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    sees_everything: Mapped[bool] = mapped_column(default=False)


class Band(Base):
    """A group of gatherers, with what a trip may bring home."""

    __tablename__ = "bands"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    quota: Mapped[int]


class Gatherer(Base):
    """Whom a user plays."""

    __tablename__ = "gatherers"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    band_id: Mapped[int] = mapped_column(ForeignKey("bands.id"))
    name: Mapped[str] = mapped_column(String(80))
    suspended: Mapped[bool] = mapped_column(default=False)
    store: Mapped[int] = mapped_column(default=0)
    band: Mapped[Band] = relationship(lazy="raise")


class Patch(Base):
    """Where something can be gathered."""

    __tablename__ = "patches"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    open: Mapped[bool] = mapped_column(default=True)
    scarce: Mapped[bool] = mapped_column(default=False)
    stock: Mapped[int]
    capacity: Mapped[int]
    pressure: Mapped[int] = mapped_column(default=0)


class Event(Base):
    """What somebody did."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=lambda: datetime.now(UTC))
    type: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class Seat(Base):
    """That a user belongs to a place, and sees what is there."""

    __tablename__ = "seats"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(primary_key=True)


class Crate(Base):
    """A thing at a place, or at none."""

    __tablename__ = "crates"
    __table_args__ = (Index("ix_crates_place", "place_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(80))
    weight: Mapped[int] = mapped_column(index=True)
    worth: Mapped[int]
