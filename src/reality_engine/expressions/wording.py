"""Says what is wrong in the words of pack authors: nearest names, and the engine's complaints put plainly."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from reality_engine.expressions.messages import PACKAGE

_SHOWN: Final = 12
_OPERATORS: Final = {
    "_?_:_": "? :",
    "_[_]": "[ ]",
    "@in": "in",
    "!_": "!",
    "-_": "-",
}
_WORDS: Final = {
    "string": "text",
    "int": "integer",
    "double": "number",
    "bool": "boolean",
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    "timestamp": "timestamp",
    "null_type": "null",
    "dyn": "json",
    "any": "json",
}
_TYPE_WORD: Final = re.compile(r"\bgoogle\.protobuf\.\w+|\b[a-z_]+\b")
_OVERLOAD: Final = re.compile(r"found no matching overload for '(.+?)' applied to '(.*)'$")
_FIELD: Final = re.compile(r"undefined field '(.+)' not found in struct '(.+)'$")
_OPERAND: Final = re.compile(r"expression of type '(.+)' cannot be the operand of a select operation$")
_UNDECLARED: Final = re.compile(r"undeclared reference to '(.+?)'")
_SYNTAX: Final = re.compile(r"Syntax error: (?:mismatched|extraneous) input '(.*)' expecting .*$", re.DOTALL)
_NO_SYNTAX: Final = re.compile(r"Syntax error: no viable alternative at input '(.*)'$", re.DOTALL)
_TOKEN: Final = re.compile(r"Syntax error: token recognition error at: '(.*)'$", re.DOTALL)
_RECORD: Final = re.compile(r"\bRecord\d+\b")
_DEPTH: Final = re.compile(r"recursion (depth|limit)")


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the most similar valid name, or nothing."""
    close = get_close_matches(name, list(valid), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def listing(what: str, valid: Iterable[str]) -> str | None:
    """Return a hint that lists valid names, the first of them where they are many."""
    names = sorted(valid)
    more = ", …" if len(names) > _SHOWN else ""
    return f"{what}: {', '.join(names[:_SHOWN])}{more}" if names else None


def plainly(message: str, members: Mapping[str, tuple[str, ...]]) -> tuple[str, str | None]:
    """Return a complaint of the engine in our words, with a hint; `members` are the fields behind message names."""
    if found := _OVERLOAD.match(message):
        return _no_overload(found[1], found[2])
    if found := _FIELD.match(message):
        valid = members.get(found[2], ())
        said = f"{_types(found[2])} has no field '{found[1]}'{nearest(found[1], valid)}"
        return said, listing("it has", valid)
    if _DEPTH.search(message):
        return "the expression is nested too deeply (32 levels at most)", "name a part of it in a computed field"
    return _simply(message), None


def _simply(message: str) -> str:
    if found := _OPERAND.match(message):
        return f"this is {_types(found[1])} and has no fields"
    if found := _UNDECLARED.match(message):
        return f"'{found[1]}' cannot be used like this"
    if found := _SYNTAX.match(message) or _NO_SYNTAX.match(message) or _TOKEN.match(message):
        return f"this is not CEL: {_unexpected(found[1])}"
    return message


def cascading(message: str) -> bool:
    """Say whether a complaint only follows from another one."""
    return "'*error*'" in message or "<<nil>>" in message


def _no_overload(function: str, applied: str) -> tuple[str, str | None]:
    given = _types(applied)
    name = _OPERATORS.get(function, function.strip("_"))
    mixed = "integer" in given and "number" in given
    hint = "double(x) turns an integer into a number, int(x) a number into an integer" if mixed else None
    return f"'{name}' does not work on {given}", hint


def _unexpected(token: str) -> str:
    return "it ends too early" if "<EOF>" in token else f"'{token}' is not expected here"


def _types(text: str) -> str:
    plain = _RECORD.sub("record", text.replace(f"{PACKAGE}.", ""))
    return _TYPE_WORD.sub(lambda word: _WORDS.get(word[0], word[0]), plain)
