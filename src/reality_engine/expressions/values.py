"""Turns plain JSON values into those the engine takes and back, by static type; not the types' rules (`fit`)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final, TypeAlias

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from reality_engine.expressions.errors import EvaluationError
from reality_engine.expressions.types import Base, Type
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.json import MAX_INTEGER, Plain

MAX_TEXT: Final = 100_000
MAX_ITEMS: Final = 10_000
_MICROSECOND: Final = timedelta(microseconds=1)

Incoming: TypeAlias = Callable[[Plain], object]


def incoming(type_: Type, *, nested: bool = False) -> Incoming | None:
    """Return what turns a plain value of this type into an engine's value, or None where nothing needs turning."""
    if type_.base is Base.TIMESTAMP:
        return _nested_timestamp if nested else _timestamp
    if type_.base is Base.DURATION:
        return _nested_duration if nested else _duration
    if type_.base is Base.LIST and type_.of is not None:
        return _list_of(incoming(type_.of, nested=True))
    if type_.base is Base.MAP and type_.of is not None:
        return _map_of(incoming(type_.of, nested=True))
    if type_.base is Base.RECORD:
        return _record_of({name: incoming(of, nested=True) for name, of in type_.fields})
    return _SCALARS.get(type_.base)


def outgoing(value: object) -> Plain:
    """Return an engine's value as a plain one; raises EvaluationError where it is none, or is too large."""
    convert = _OUTGOING.get(type(value))
    if convert is None:
        raise EvaluationError(f"a value of type {type(value).__name__} cannot be kept")
    return convert(value)


def parse_duration(text: str) -> timedelta:
    """Read a duration such as `5400s` or `-0.5s`; raises ValueError. What is finer than a microsecond is cut off."""
    try:
        microseconds = int(Decimal(text.removesuffix("s")) * 1_000_000)
        if text.endswith("s"):
            return timedelta(microseconds=microseconds)
    except (InvalidOperation, OverflowError, ValueError):
        pass
    raise ValueError(f"'{text}' is not a duration in seconds, such as 5400s")


def duration_text(duration: timedelta) -> str:
    """Write a duration in seconds, such as `5400s` or `-0.500s`, as JSON in protobuf does."""
    total = duration // _MICROSECOND
    seconds, rest = divmod(abs(total), 1_000_000)
    fraction = "" if rest == 0 else f".{rest:06d}" if rest % 1000 else f".{rest // 1000:03d}"
    return f"{'-' if total < 0 else ''}{seconds}{fraction}s"


def _text(value: Plain) -> object:
    # The engine cuts texts off at a NUL character, so that a comparison could be made to succeed.
    if isinstance(value, str) and "\0" in value:
        raise EvaluationError("a text holds a NUL character")
    return value


def _number(value: Plain) -> object:
    return float(value) if type(value) is int else value


def _json(value: Plain) -> object:
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {_text(key): _json(item) for key, item in sorted(value.items())}
    return _text(value)


def _timestamp(value: Plain) -> datetime:
    try:
        return from_text(str(value))
    except (ValueError, OverflowError) as error:
        raise EvaluationError(f"'{value}' is not a timestamp") from error


def _duration(value: Plain) -> timedelta:
    try:
        return parse_duration(str(value))
    except ValueError as error:
        raise EvaluationError(str(error)) from error


def _nested_timestamp(value: Plain) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(_timestamp(value))
    return message


def _nested_duration(value: Plain) -> Duration:
    message = Duration()
    message.FromTimedelta(_duration(value))
    return message


def _list_of(convert: Incoming | None) -> Incoming:
    def convert_list(value: Plain) -> object:
        if not isinstance(value, list):
            raise EvaluationError("a list was expected")
        return value if convert is None else [convert(item) for item in value]

    return convert_list


def _map_of(convert: Incoming | None) -> Incoming:
    def convert_map(value: Plain) -> object:
        if not isinstance(value, Mapping):
            raise EvaluationError("a map was expected")
        return {_text(key): item if convert is None else convert(item) for key, item in sorted(value.items())}

    return convert_map


def _record_of(members: Mapping[str, Incoming | None]) -> Incoming:
    """Return a conversion to a map without the members that have no value, which makes reading those an error."""

    def convert_record(value: Plain) -> object:
        if not isinstance(value, Mapping):
            raise EvaluationError("a record was expected")
        held = ((name, value.get(name), convert) for name, convert in members.items())
        return {name: item if convert is None else convert(item) for name, item, convert in held if item is not None}

    return convert_record


_SCALARS: Final[Mapping[Base, Incoming]] = {
    Base.TEXT: _text,
    Base.REF: _text,
    Base.NUMBER: _number,
    Base.JSON: _json,
}


def _integer_out(value: int) -> Plain:
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise EvaluationError(f"{value} is outside of ±{MAX_INTEGER}")
    return value


def _number_out(value: float) -> Plain:
    if not isfinite(value):
        raise EvaluationError(f"{value} is not a finite number")
    return value


def _text_out(value: str) -> Plain:
    if len(value) > MAX_TEXT:
        raise EvaluationError(f"a text of {len(value)} characters is over the limit of {MAX_TEXT}")
    _text(value)
    return value


def _list_out(value: list[object]) -> Plain:
    if len(value) > MAX_ITEMS:
        raise EvaluationError(f"a list of {len(value)} items is over the limit of {MAX_ITEMS}")
    return [outgoing(item) for item in value]


def _map_out(value: dict[object, object]) -> Plain:
    if len(value) > MAX_ITEMS:
        raise EvaluationError(f"a map of {len(value)} entries is over the limit of {MAX_ITEMS}")
    found: dict[str, Plain] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise EvaluationError("the keys of a map must be texts")
        found[str(_text_out(key))] = outgoing(item)
    return found


_OUTGOING: Final[Mapping[type, Callable[..., Plain]]] = {
    bool: lambda value: value,
    type(None): lambda value: value,
    int: _integer_out,
    float: _number_out,
    str: _text_out,
    list: _list_out,
    dict: _map_out,
    datetime: lambda value: to_text(value.astimezone(UTC)),
    timedelta: duration_text,
}
