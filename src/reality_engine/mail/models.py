"""The table of letters that are yet to be sent; one that was sent leaves nothing behind."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id


class LetterRow(Base):
    """One letter: its template, and what fills it. It is due at a moment, or was given up (`due_at` unset)."""

    __tablename__ = "letters"
    __table_args__ = (Index(None, "due_at"), Index(None, "recipient"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    template: Mapped[str] = mapped_column(String(60))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    until: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    trouble: Mapped[str | None] = mapped_column(String(300))
