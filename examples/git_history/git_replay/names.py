"""Makes any name that git can hold one that a world can hold, and keeps different names different."""

from hashlib import sha256
from typing import Final

NAME_LENGTH: Final = 500
SUBJECT_LENGTH: Final = 10_000
_SUM_LENGTH: Final = 12


def fitted(name: str, length: int = NAME_LENGTH) -> str:
    """Return the name itself if it is text of at most `length` characters, or what can be shown of it and a checksum.

    Bytes that are not UTF-8 are expected as lone surrogates (`surrogateescape`).
    """
    shown = "".join("\N{REPLACEMENT CHARACTER}" if _unstorable(letter) else letter for letter in name)
    if shown == name and len(name) <= length:
        return name
    checksum = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_SUM_LENGTH]
    return f"{shown[: length - _SUM_LENGTH - 2]} #{checksum}"


def _unstorable(letter: str) -> bool:
    return letter == "\0" or "\ud800" <= letter <= "\udfff"
