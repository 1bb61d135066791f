"""The tables of the provider; nothing outside this package queries them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id


class ClientRow(Base):
    """One application."""

    __tablename__ = "openid_clients"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    redirects: Mapped[list[Any]]
    after_log_out: Mapped[list[Any]]
    scope: Mapped[str] = mapped_column(String(200))
    trusted: Mapped[bool] = mapped_column(Boolean)
    secret_digest: Mapped[bytes | None] = mapped_column(Digest)
    created_at: Mapped[datetime]


class ConsentRow(Base):
    """What somebody allows an application."""

    __tablename__ = "openid_consents"

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(
        Id, ForeignKey("openid_clients.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    scope: Mapped[str] = mapped_column(String(200))
    given_at: Mapped[datetime]


class CodeRow(Base):
    """A code that an application may exchange for tokens once, as its digest; used ones stay for a while.

    `login_id` is the session of the browser in which somebody agreed, `session_id` the one that the code was exchanged
    for: it is ended where the code comes again.
    """

    __tablename__ = "openid_codes"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    client_id: Mapped[str] = mapped_column(Id, ForeignKey("openid_clients.id", ondelete="CASCADE"), index=True)
    login_id: Mapped[str] = mapped_column(Id, ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    redirect: Mapped[str] = mapped_column(String(1_000))
    scope: Mapped[str] = mapped_column(String(200))
    nonce: Mapped[str | None] = mapped_column(Text)
    challenge: Mapped[str] = mapped_column(String(43))
    logged_in_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    session_id: Mapped[str | None] = mapped_column(Id)


class ClientSessionRow(Base):
    """A session that an application has, of whom, and within which browser's log-in."""

    __tablename__ = "openid_sessions"

    session_id: Mapped[str] = mapped_column(Id, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    client_id: Mapped[str] = mapped_column(Id, ForeignKey("openid_clients.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(Id)
    login_id: Mapped[str] = mapped_column(Id, index=True)
    scope: Mapped[str] = mapped_column(String(200))
