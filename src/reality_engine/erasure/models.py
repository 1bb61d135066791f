"""The table of people who were erased, which is how a backup that is put back can be told again."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id, Moment

NAME = 200


class ErasureRow(Base):
    """Somebody whose account has ended for good, by whom, and how far their values are erased; never a value.

    `finished_at` is unset while there are worlds that were not gone through since it was last asked for; `touched_at`
    is when somebody last got on with that.
    """

    __tablename__ = "erasures"

    user_id: Mapped[str] = mapped_column(Id(), primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(NAME))
    asked_at: Mapped[datetime] = mapped_column(Moment())
    finished_at: Mapped[datetime | None] = mapped_column(Moment())
    touched_at: Mapped[datetime] = mapped_column(Moment())
    world_count: Mapped[int] = mapped_column(Integer)
    event_count: Mapped[int] = mapped_column(Integer)
    value_count: Mapped[int] = mapped_column(Integer)
