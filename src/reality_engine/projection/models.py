"""The table of worlds whose projections are being made anew; not what is made of them."""

from sqlalchemy import Boolean, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id


class RebuildRow(Base):
    """A rebuild that has begun: under the id `shadow`, which is no world's, stand the rows that `release` makes.

    They have a head of their own, which says how far the log was played. Where it is `done`, they are of no use.
    """

    __tablename__ = "rebuilds"

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    shadow: Mapped[str] = mapped_column(Id())
    release: Mapped[str] = mapped_column(String(100))
    done: Mapped[bool] = mapped_column(Boolean)
