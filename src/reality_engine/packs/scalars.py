"""Reads single YAML values by the core schema of YAML 1.2, and finds their characters in the source; not documents."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN: Final = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,4000}\Z")
_BASED: Final = re.compile(r"0(?:o[0-7]{1,400}|x[0-9a-fA-F]{1,400})\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_ESCAPED: Final = {"x": 4, "u": 6, "U": 10}


def resolve(text: str) -> "Plain":
    """Return what a plain scalar stands for: null, a boolean, a number, or the text itself.

    Dates and times stay text, `yes`, `on` and `0o`-less octals have no meaning: this is YAML 1.2, not 1.1.
    """
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float(text)
    return float(text.replace(".", "", 1)) if _SPECIAL.match(text) else text


def index_of(offset: int, value: str, raw: str) -> int:
    """Return where in `raw`, a scalar as it is written, the character of `value` at `offset` stands.

    Exact for plain, quoted and block scalars; in folded text a character that is white space may be off by some.
    """
    at = _start(raw)
    for character in value[:offset]:
        at = _after(character, raw, at)
    if offset < len(value):
        at = _find(value[offset], raw, at)
    return min(at, max(len(raw) - 1, 0))


def _start(raw: str) -> int:
    if raw[:1] in {"'", '"'}:
        return 1
    return raw.find("\n") + 1 if raw[:1] in {"|", ">"} else 0


def _find(character: str, raw: str, at: int) -> int:
    while at < len(raw) and raw[at].isspace() and raw[at] != character and not character.isspace():
        at += 1
    return at


def _after(character: str, raw: str, at: int) -> int:
    at = _find(character, raw, at)
    if raw[:1] == '"' and raw[at : at + 1] == "\\":
        length = _ESCAPED.get(raw[at + 1 : at + 2], 2)
        pair = raw[at + 1 : at + 2] == "u" and character > "\uffff"
        return at + (2 * length if pair else length)
    return at + 2 if raw[:1] == "'" and raw[at : at + 2] == "''" else at + 1
