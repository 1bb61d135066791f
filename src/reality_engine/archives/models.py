"""The table of imports that are not finished: worlds that nobody finds yet."""

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id, Moment


class ImportRow(Base):
    """A world that is being brought in, up to an event, which has this digest.

    It has neither a head nor a place in the directory until all of it was found good. `archive` is the digest of the
    archive's first line, and `taken` names whoever is at it: another one who goes on with it takes it from them. At a
    position below 0 it is only to be cleared away.
    """

    __tablename__ = "imports"
    __table_args__ = (UniqueConstraint("archive", "copied"),)

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    archive: Mapped[bytes] = mapped_column(Digest)
    copied: Mapped[bool]
    taken: Mapped[str] = mapped_column(Id())
    position: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(Digest)
    touched_at: Mapped[datetime] = mapped_column(Moment())
