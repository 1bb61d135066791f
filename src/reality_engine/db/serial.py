"""How the drivers write and read JSON columns; not the type of such a column."""

from reality_engine.kernel.json import Plain, decode, encode


def to_json(value: object) -> str:
    """Write compact JSON as text."""
    return encode(value).decode()


def from_json(text: str | bytes) -> Plain:
    """Read JSON."""
    return decode(text)
