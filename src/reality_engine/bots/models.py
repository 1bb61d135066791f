"""The tables of bots; nothing outside this package queries them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id


class BotRow(Base):
    """One bot. An ended one keeps its row, since events go on to name it."""

    __tablename__ = "bots"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BotKeyRow(Base):
    """One key of a bot, as its digest, with what it is good for. Ended ones stay, since events go on to name them."""

    __tablename__ = "bot_keys"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    bot_id: Mapped[str] = mapped_column(Id, ForeignKey("bots.id"), index=True)
    label: Mapped[str] = mapped_column(String(80))
    hint: Mapped[str] = mapped_column(String(40))
    digest: Mapped[bytes] = mapped_column(Digest, unique=True)
    worlds: Mapped[list[Any] | None]
    actions: Mapped[list[Any] | None]
    reads_only: Mapped[bool]
    proposals_only: Mapped[bool]
    per_minute: Mapped[int | None]
    per_day: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    replaces: Mapped[str | None] = mapped_column(Id)


class BotKeyCountRow(Base):
    """How often a key was used since a minute or a day began: the last of each that it was used in."""

    __tablename__ = "bot_key_counts"
    __table_args__ = (CheckConstraint("span IN ('minute', 'day')", name="span"),)

    key_id: Mapped[str] = mapped_column(Id, ForeignKey("bot_keys.id", ondelete="CASCADE"), primary_key=True)
    span: Mapped[str] = mapped_column(String(8), primary_key=True)
    began_at: Mapped[datetime]
    uses: Mapped[int]
