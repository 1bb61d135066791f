"""The table of worlds."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id, Moment


class WorldRow(Base):
    """A world. What it is called and who may enter is in the world itself; a deleted one keeps everything."""

    __tablename__ = "worlds"

    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    pack: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment())
    deleted_at: Mapped[datetime | None] = mapped_column(Moment())
    # Of which world it is a fork, and up to which position it shares its log.
    origin: Mapped[str | None] = mapped_column(Id(), index=True)
    forked_at: Mapped[int | None] = mapped_column(BigInteger)
