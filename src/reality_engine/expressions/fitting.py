"""Decides whether what an expression gives fits what is needed, when it is compiled and again for loose values."""

from collections.abc import Callable, Mapping
from typing import Final

from reality_engine.expressions.errors import EvaluationError
from reality_engine.expressions.types import Base, Type
from reality_engine.expressions.values import duration_text, parse_duration
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.json import Plain

_TEXTS: Final = frozenset({Base.TEXT, Base.REF})
_KEYED: Final = frozenset({Base.MAP, Base.RECORD})


def accepts(needed: Type, given: Type) -> bool:
    """Say whether a value of one static type may stand where another is needed, perhaps after `fit`."""
    if Base.JSON in (needed.base, given.base):
        return True
    if needed.base in _TEXTS and given.base in _TEXTS:
        return needed.kind is None or given.kind is None or needed.kind == given.kind
    if needed.base is Base.NUMBER:
        return given.base in (Base.NUMBER, Base.INTEGER)
    if needed.base in _KEYED and given.base in _KEYED:
        return needed.of is None or given.of is None or accepts(needed.of, given.of)
    if needed.base is not given.base:
        return False
    return needed.of is None or given.of is None or accepts(needed.of, given.of)


def assured(needed: Type, given: Type) -> bool:
    """Say whether the static type alone assures the form of the value, so that `fit` need not look."""
    if needed.base is Base.JSON or (needed.base in _TEXTS and given.base in _TEXTS):
        return True
    if needed.base in _KEYED or needed.base is not given.base:
        return False
    return needed.of is None or (given.of is not None and assured(needed.of, given.of))


def fit(value: Plain, needed: Type) -> Plain:
    """Return the value in the form its needed type has; raises EvaluationError where it does not fit."""
    try:
        return _FITS[needed.base](value, needed)
    except (ValueError, TypeError, OverflowError, KeyError) as error:
        raise EvaluationError(f"the value is not {described(needed)}") from error


def described(type_: Type) -> str:
    """Say a type with its article."""
    name = str(type_)
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _exactly(*allowed: type) -> Callable[[Plain, Type], Plain]:
    def check(value: Plain, _: Type) -> Plain:
        if type(value) not in allowed:
            raise TypeError
        return value

    return check


def _number(value: Plain, _: Type) -> Plain:
    if type(value) not in (int, float):
        raise TypeError
    return float(value)  # type: ignore[arg-type]


def _timestamp(value: Plain, _: Type) -> Plain:
    return to_text(from_text(_text(value)))


def _duration(value: Plain, _: Type) -> Plain:
    return duration_text(parse_duration(_text(value)))


def _text(value: Plain) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _list(value: Plain, needed: Type) -> Plain:
    if not isinstance(value, list):
        raise TypeError
    return value if needed.of is None else [fit(item, needed.of) for item in value]


def _map(value: Plain, needed: Type) -> Plain:
    if not isinstance(value, dict):
        raise TypeError
    return value if needed.of is None else {key: fit(item, needed.of) for key, item in value.items()}


def _record(value: Plain, needed: Type) -> Plain:
    if not isinstance(value, Mapping):
        raise TypeError
    members = dict(needed.fields)
    return {name: fit(item, members[name]) for name, item in value.items() if item is not None}


_FITS: Final[Mapping[Base, Callable[[Plain, Type], Plain]]] = {
    Base.TEXT: _exactly(str),
    Base.REF: _exactly(str),
    Base.INTEGER: _exactly(int),
    Base.NUMBER: _number,
    Base.BOOLEAN: _exactly(bool),
    Base.TIMESTAMP: _timestamp,
    Base.DURATION: _duration,
    Base.LIST: _list,
    Base.MAP: _map,
    Base.RECORD: _record,
    Base.JSON: lambda value, _: value,
}
