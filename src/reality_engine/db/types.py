"""Column types that give the same Python values on both databases; not the tables that use them."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CHAR, JSON, BigInteger, DateTime, Dialect, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from reality_engine.kernel.clock import from_text, to_text

POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"


class Id(TypeDecorator[str]):
    """An id of `kernel.ids`, text in Python: a native uuid on PostgreSQL (16 bytes), 36 characters on SQLite.

    Only well-formed ids may be bound: PostgreSQL refuses others, so check with `kernel.ids.is_id` at the door.
    """

    impl = CHAR
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        if dialect.name == POSTGRESQL:
            return dialect.type_descriptor(Uuid(as_uuid=False))
        return dialect.type_descriptor(CHAR(36))


class Moment(TypeDecorator[datetime]):
    """A moment, aware and in UTC in Python: timestamptz on PostgreSQL, RFC 3339 text on SQLite.

    The text always has six decimals (`kernel.clock.to_text`), so that comparing text compares time.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        if dialect.name == POSTGRESQL:
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write it; a moment without an offset is a mistake of the caller, never guessed."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs an offset; take it from the clock")
        return value if dialect.name == POSTGRESQL else to_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read it."""
        return from_text(value if isinstance(value, str) else value.isoformat()) if value is not None else None


# Plain JSON (`kernel.json.Plain`). None is stored as SQL NULL, so that "no value" has one form.
Json: Final = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), POSTGRESQL)

# A SHA-256 digest, as bytes.
Digest: Final = LargeBinary(32)

# A number that the database gives to a row: on SQLite, only a column of this very type is the row's own number.
Number: Final = BigInteger().with_variant(Integer(), SQLITE)
