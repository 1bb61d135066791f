"""The table of the outbox."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id, Moment


class OutboxRow(Base):
    """Events that were written together, from `first` to `last`, which are yet to be told of (`told_at` unset)."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "told_at", "id"),)

    id: Mapped[str] = mapped_column(Id(), primary_key=True)
    world: Mapped[str] = mapped_column(Id())
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Moment())
    told_at: Mapped[datetime | None] = mapped_column(Moment())
