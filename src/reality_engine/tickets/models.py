"""The table of tickets; one that is used up or over is deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id


class TicketRow(Base):
    """What somebody may do with a link, and how often."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index(None, "email", "use"),
        Index(None, "subject", "use"),
        Index(None, "use", "id"),
        Index(None, "expires_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    use: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str | None] = mapped_column(Id)
    email: Mapped[str | None] = mapped_column(String(254))
    content: Mapped[dict[str, Any]]
    uses_left: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
