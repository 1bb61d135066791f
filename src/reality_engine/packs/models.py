"""The table of stored packs; nothing outside this package queries it."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id


class PackVersionRow(Base):
    """One version of a pack, as it was uploaded. It never changes: worlds and their events lean on it.

    `uploaded_by` is a user's id without a foreign key, since packs know no accounts; None for the command line.
    """

    __tablename__ = "pack_versions"
    __table_args__ = (UniqueConstraint("name", "version"),)

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    files: Mapped[dict[str, Any]]
    uploaded_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
