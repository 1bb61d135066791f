"""The tables of second factors; nothing outside this package queries them."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from reality_engine.db.base import Base
from reality_engine.db.types import Digest, Id


class FactorRow(Base):
    """The authenticator of a user: none is asked for until `confirmed_at`.

    `step` is the last step of time whose code was taken, so that each is good once; `failures` in a row, and when the
    last of them was, slow down who guesses.
    """

    __tablename__ = "factors"

    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    sealed: Mapped[str] = mapped_column(String(1_000))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    step: Mapped[int] = mapped_column(Integer)
    failures: Mapped[int] = mapped_column(Integer)
    failed_at: Mapped[datetime | None]


class RecoveryCodeRow(Base):
    """One code for the loss of the authenticator, as its digest; a used one is gone."""

    __tablename__ = "recovery_codes"

    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, index=True)
