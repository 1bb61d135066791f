"""The tables of identities; nothing outside this package queries them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id


class IdentityRow(Base):
    """Whose account somebody has whom a provider knows as `subject`."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[str] = mapped_column(Id, index=True)
    linked_at: Mapped[datetime]


class SignInRow(Base):
    """What a provider has said of somebody, for whoever comes with the code; it is deleted when that was used."""

    __tablename__ = "sign_ins"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    challenge: Mapped[str] = mapped_column(String(100))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class NewsRow(Base):
    """How far the news of one thing at a provider was followed, by a digest of what it is called there.

    `told_at` is in milliseconds, as the provider counts. What is `gone` never comes back.
    """

    __tablename__ = "provider_news"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    told_at: Mapped[int] = mapped_column(BigInteger)
    gone: Mapped[bool]


class OrganizationRow(Base):
    """An organization at a provider."""

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("issuer", "key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    key: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))


class OrganizationMemberRow(Base):
    """Who belongs to an organization, and as what, by what the provider calls them."""

    __tablename__ = "organization_members"

    organization_id: Mapped[str] = mapped_column(
        Id, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(String(255), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(255))
