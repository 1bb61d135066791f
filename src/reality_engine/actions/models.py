"""The table of answers kept for repeated requests."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id, Json, Moment

MAX_KEY = 200


class AnswerRow(Base):
    """What was answered to a request with this idempotency key; `request` is the digest of its body."""

    __tablename__ = "idempotent_answers"
    __table_args__ = (Index(None, "created_at"),)

    world: Mapped[str] = mapped_column(Id(), primary_key=True)
    # Before the principal, so that the keys of many can be looked up at once.
    key: Mapped[str] = mapped_column(String(MAX_KEY), primary_key=True)
    principal: Mapped[str] = mapped_column(String(MAX_KEY), primary_key=True)
    request: Mapped[bytes] = mapped_column(Digest)
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Moment())
