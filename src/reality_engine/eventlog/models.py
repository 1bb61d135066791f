"""The tables of the log: events, and the head of each world."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id, Json, Moment


class HeadRow(Base):
    """Where a world's log stands. Its lock puts the world's actions in order."""

    __tablename__ = "world_heads"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(Digest)
    epoch: Mapped[int] = mapped_column(Integer)
    pack: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment())
    scopes: Mapped[int] = mapped_column(BigInteger)


class EventRow(Base):
    """One event. `body` is what is hashed, byte for byte; `private` the values it commits to, until they are erased.

    The other columns repeat the body for look-ups, and `reality verify` holds them to it.
    """

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("world", "id"),)

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(Id())
    type: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(Moment())
    digest: Mapped[bytes] = mapped_column(Digest)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    private: Mapped[dict[str, Any]] = mapped_column(Json)
