"""The tables of accounts; nothing outside this package queries them."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id


class UserRow(Base):
    """One account. A deleted one keeps its row, so that its address cannot be taken over by somebody else.

    Who came by an identity provider may have no address, and an empty hash, which is that of no password.
    """

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role IN ('admin', 'user')", name="role"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]


class AccountBanRow(Base):
    """An account that is banned from the server, and why."""

    __tablename__ = "account_bans"

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(1000))


class SessionRow(Base):
    """One log-in, until it expires or is revoked."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    # What its owner knows it by again: what the client called itself, and the network it came from, when it began.
    agent: Mapped[str] = mapped_column(String(200), default="")
    network: Mapped[str] = mapped_column(String(50), default="")
    # Whether an application uses it for them, so that it is good in their worlds and for nothing beside these.
    lent: Mapped[bool] = mapped_column(Boolean, default=False)


class RefreshTokenRow(Base):
    """One refresh token of a session, as its digest. Used ones stay, so that a second use is noticed."""

    __tablename__ = "refresh_tokens"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    session_id: Mapped[str] = mapped_column(Id, ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
