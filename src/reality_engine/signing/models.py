"""The table of signing keys; nothing outside this package queries it."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Id


class SigningKeyRow(Base):
    """One key. `current` is its algorithm for as long as it signs, so that of each algorithm one key does.

    The private half is sealed by the server's secret, and goes when another key takes over: from then on what the key
    has signed is accepted until `accepted_until`, and nothing more can be signed.
    """

    __tablename__ = "signing_keys"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    current: Mapped[str | None] = mapped_column(String(16), unique=True)
    public: Mapped[dict[str, Any]]
    sealed: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    accepted_until: Mapped[datetime | None]
