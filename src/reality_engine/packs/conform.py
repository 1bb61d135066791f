"""Brings a plain value into the one form its declared type is stored in, or says why it cannot; pure."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import MAX_INTEGER, Plain
from reality_engine.packs.compiled import FieldType

MAX_TEXT: Final = 10_000
MAX_ITEMS: Final = 1_000
MAX_JSON_DEPTH: Final = 32
MAX_SECONDS: Final = 3_652_000 * 86_400
# In the dialect that JSON Schema shares with Python. More digits than that are longer than any duration may be.
DURATION: Final = "^(?:([0-9]{1,12})d)?(?:([0-9]{1,12})h)?(?:([0-9]{1,12})m)?(?:([0-9]{1,12})s)?$"


class MisfitError(ValueError):
    """A value does not fit its type. `path` leads to the part that is wrong, from the outside in.

    The message does not repeat the value: it may have come of what its reader may not see.
    """

    def __init__(self, message: str, path: tuple[str, ...] = ()) -> None:
        """Say what is wrong, and where in the value."""
        super().__init__(message)
        self.message = message
        self.path = path


def conform(value: Plain, kind: FieldType) -> Plain:
    """Return `value` in its stored form; raises MisfitError. Idempotent: a conforming value comes back equal."""
    return _CONFORM[kind.base](value, kind)


def _text(value: Plain, kind: FieldType) -> Plain:
    if not isinstance(value, str):
        raise MisfitError(f"must be text, not {described(value)}")
    limit = kind.max_length or MAX_TEXT
    if len(value) > limit:
        raise MisfitError(f"is too long; at most {limit} characters are allowed")
    if "\x00" in value or not _encodable(value):
        raise MisfitError("has characters that cannot be stored")
    return value


def _encodable(value: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _integer(value: Plain, kind: FieldType) -> Plain:
    number = value if type(value) is int else _whole(value)
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise MisfitError("is beyond the integers that JSON keeps exactly (2^53 - 1)")
    _within(number, kind)
    return number


def _whole(value: Plain) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise MisfitError(f"must be an integer, not {described(value)}")
    return value


def _number(value: Plain, kind: FieldType) -> Plain:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MisfitError(f"must be a number, not {described(value)}")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise MisfitError("is beyond the integers that JSON keeps exactly (2^53 - 1)")
    number = float(value)
    if not math.isfinite(number):
        raise MisfitError("must be a finite number")
    _within(number, kind)
    return number + 0.0


def _within(value: float, kind: FieldType) -> None:
    if kind.minimum is not None and value < kind.minimum:
        raise MisfitError(f"is too small; the least allowed is {kind.minimum}")
    if kind.maximum is not None and value > kind.maximum:
        raise MisfitError(f"is too large; the most allowed is {kind.maximum}")


def _boolean(value: Plain, _: FieldType) -> Plain:
    if not isinstance(value, bool):
        raise MisfitError(f"must be true or false, not {described(value)}")
    return value


def _enum(value: Plain, kind: FieldType) -> Plain:
    if not isinstance(value, str) or value not in kind.values:
        raise MisfitError(f"must be one of {', '.join(kind.values)}")
    return value


def _timestamp(value: Plain, _: FieldType) -> Plain:
    if not isinstance(value, str):
        raise MisfitError(f"must be a timestamp such as 2026-05-01T18:00:00Z, not {described(value)}")
    try:
        return to_text(from_text(value))
    except (ValueError, OverflowError) as error:
        raise MisfitError(f"is not a timestamp such as 2026-05-01T18:00:00Z: {error}") from error


def _date(value: Plain, _: FieldType) -> Plain:
    try:
        if not isinstance(value, str):
            raise TypeError(described(value))
        return date.fromisoformat(value).isoformat()
    except (ValueError, TypeError) as error:
        raise MisfitError("is not a date such as 2026-05-01") from error


def _duration(value: Plain, _: FieldType) -> Plain:
    found = re.fullmatch(DURATION, value) if isinstance(value, str) and value else None
    if found is None:
        raise MisfitError("is not a duration such as 90s, 15m, 2h30m or 3d")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if total > MAX_SECONDS:
        raise MisfitError("is longer than ten thousand years")
    return f"{total}s"


def _ref(value: Plain, kind: FieldType) -> Plain:
    if not isinstance(value, str) or not is_id(value):
        raise MisfitError(f"must be the id of a {kind.kind}")
    return value


def _event(value: Plain, kind: FieldType) -> Plain:
    if not isinstance(value, str) or not is_id(value):
        raise MisfitError(f"must be the id of an {kind.base}")
    return value


def _meter(value: Plain, kind: FieldType) -> Plain:
    # However large: a refusal would tell how much the meter holds, where something was added to it.
    return max(0, min(int(kind.maximum or 0), value if type(value) is int else _whole(value)))


def _list(value: Plain, kind: FieldType) -> Plain:
    if not isinstance(value, list):
        raise MisfitError(f"must be a list, not {described(value)}")
    limit = kind.max_items or MAX_ITEMS
    if len(value) > limit:
        raise MisfitError(f"has too many items; at most {limit} are allowed")
    return [_inside(item, kind.of, str(index)) for index, item in enumerate(value)]


def _set(value: Plain, kind: FieldType) -> Plain:
    items = _list(value, kind)
    unique = {repr(item): item for item in items}  # type: ignore[union-attr]
    return sorted(unique.values())  # type: ignore[type-var]


def _map(value: Plain, kind: FieldType) -> Plain:
    if not isinstance(value, dict):
        raise MisfitError(f"must be a mapping, not {described(value)}")
    limit = kind.max_items or MAX_ITEMS
    if len(value) > limit:
        raise MisfitError(f"has too many keys; at most {limit} are allowed")
    return {str(_text(key, FieldType("text"))): _inside(item, kind.of, key) for key, item in sorted(value.items())}


def _record(value: Plain, kind: FieldType) -> Plain:
    if not isinstance(value, dict):
        raise MisfitError(f"must be a mapping, not {described(value)}")
    known = dict(kind.fields)
    for name in value:
        if name not in known:
            raise MisfitError(f"is not known here; the fields are {', '.join(known)}", (name,))
    for name in known:
        if value.get(name) is None and name not in kind.optional:
            raise MisfitError("is required", (name,))
    return {name: _inside(item, known[name], name) for name, item in value.items() if item is not None}


def _inside(value: Plain, kind: FieldType | None, step: str) -> Plain:
    try:
        return conform(value, kind or FieldType("json"))
    except MisfitError as misfit:
        raise MisfitError(misfit.message, (step, *misfit.path)) from misfit


def _json(value: Plain, _: FieldType) -> Plain:
    return _plain(value, MAX_JSON_DEPTH)


def _plain(value: Plain, depth: int) -> Plain:
    if depth == 0:
        raise MisfitError(f"is nested more than {MAX_JSON_DEPTH} deep")
    if isinstance(value, str):
        return _text(value, FieldType("text"))
    if isinstance(value, int) and not isinstance(value, bool):
        return _integer(value, FieldType("integer"))
    if isinstance(value, float):
        return _number(value, FieldType("number"))
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {str(_plain(key, depth - 1)): _plain(item, depth - 1) for key, item in value.items()}
    return value


def described(value: object) -> str:
    """Name a value's JSON type, for messages."""
    names: Mapping[type, str] = {
        type(None): "null", bool: "a boolean", int: "an integer", float: "a number",
        str: "text", list: "a list", dict: "a mapping",
    }  # fmt: skip
    return names.get(type(value), type(value).__name__)


_CONFORM: Final[Mapping[str, Callable[[Plain, FieldType], Plain]]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "enum": _enum,
    "timestamp": _timestamp,
    "date": _date,
    "duration": _duration,
    "ref": _ref,
    "event": _event,
    "meter": _meter,
    "list": _list,
    "set": _set,
    "map": _map,
    "record": _record,
    "json": _json,
}
