"""The one importer of the CEL library: parses, checks and runs; it knows nothing of worlds, paths or forms."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cel_expr_python import cel
from cel_expr_python.ext.ext_math import ExtMath

from reality_engine.expressions.errors import EvaluationError, NoValueError
from reality_engine.expressions.library import NATIVES, SUM_OF_NUMBERS, Native
from reality_engine.expressions.messages import Catalogue
from reality_engine.expressions.syntax import Tree, decode
from reality_engine.expressions.types import Base, Type

_REPORT: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_STATUS: Final = re.compile(r" \[[A-Z_]+\]$")
_CODE: Final = re.compile(r"^[A-Z_]+: ")
_ABSENT: Final = re.compile(r'No value with name "(.*)" found in Activation')
_NO_KEY: Final = re.compile(r'Key not found in map : "(.*)"')
_ERRORS: Final = frozenset({cel.Type.ERROR.name(), cel.Type.UNKNOWN.name()})

_NATIVE_NAMES: Final = (*{native.name for native in NATIVES}, SUM_OF_NUMBERS)
_SCALARS: Final[Mapping[Base, cel.Type]] = {
    Base.TEXT: cel.Type.STRING,
    Base.REF: cel.Type.STRING,
    Base.INTEGER: cel.Type.INT,
    Base.NUMBER: cel.Type.DOUBLE,
    Base.BOOLEAN: cel.Type.BOOL,
    Base.TIMESTAMP: cel.Type.TIMESTAMP,
    Base.DURATION: cel.Type.DURATION,
    Base.JSON: cel.Type.DYN,
}


@dataclass(frozen=True, slots=True)
class Report:
    """One complaint of the engine; line and column count from 1, and are below 1 where it gives no place."""

    line: int
    column: int
    message: str


class RejectedError(Exception):
    """The engine does not take a source."""

    def __init__(self, reports: tuple[Report, ...]) -> None:
        """Keep every complaint."""
        super().__init__(reports[0].message)
        self.reports = reports


class Program:
    """A compiled source; safe to run again and again."""

    def __init__(self, compiled: cel.Expression) -> None:
        """Wrap what the engine compiled."""
        self._run = compiled.eval

    def run(self, values: Mapping[str, object]) -> object:
        """Return the result as Python values; raises EvaluationError for every failure, however it shows."""
        try:
            result = self._run(data=values)
            if result.type().name() not in _ERRORS:
                return result.plain_value()
            failure = str(result.value())
        except (RuntimeError, ValueError, TypeError, OverflowError) as error:
            failure = str(error)
        raise _failed(failure)


def parse(source: str) -> Tree:
    """Return the syntax tree of a source, its names unchecked; raises RejectedError."""
    return decode(_compile(_PARSER, source, checked=False).serialize(), {})


def check(source: str, names: Mapping[str, Type], catalogue: Catalogue) -> Tree:
    """Return the tree of a source with its type, where records have members of static types; raises RejectedError."""
    environment = _environment(frozenset(names.items()), _called(source), catalogue)
    return decode(_compile(environment, source).serialize(), dict(catalogue.types))


def program(source: str, names: Mapping[str, Type]) -> Program:
    """Compile a checked source to run, where records are maps."""
    return Program(_compile(_environment(frozenset(names.items()), _called(source), None), source))


def _called(source: str) -> frozenset[str]:
    """Return the functions that a source could call: each costs time to declare."""
    return frozenset(name for name in (*_NATIVE_NAMES, "math") if name in source)


@lru_cache(maxsize=64)
def _environment(names: frozenset[tuple[str, Type]], functions: frozenset[str], catalogue: Catalogue | None) -> cel.Env:
    """Return an environment to check in, or without a catalogue one to run in; cached, for it costs a millisecond."""
    messages = catalogue.names if catalogue else {}
    variables = {name: _engine_type(type_, messages) for name, type_ in names}
    natives = NATIVES if catalogue else [native.loosened() for native in NATIVES]
    extensions = [ExtMath()] if "math" in functions else []
    declared = _declared(native for native in natives if native.name in functions)
    pool = catalogue.pool if catalogue else None
    return cel.NewEnv(pool, variables=variables, extensions=extensions, functions=declared)


def _declared(natives: Iterable[Native]) -> list[cel.FunctionDecl]:
    overloads: dict[str, dict[str, cel.Overload]] = {}
    for native in natives:
        overloads.setdefault(native.name, {})[native.overload] = cel.Overload(
            native.overload,
            return_type=_engine_type(native.result, {}),
            parameters=[_engine_type(parameter, {}) for parameter in native.parameters],
            is_member=native.member,
            impl=native.implementation,
        )
    return [cel.FunctionDecl(name, list(of.values())) for name, of in overloads.items()]


def _engine_type(type_: Type, messages: Mapping[Type, str]) -> cel.Type:
    if type_.base is Base.LIST and type_.of is not None:
        return cel.Type.List(_engine_type(type_.of, messages))
    if type_.base is Base.MAP and type_.of is not None:
        return cel.Type.Map(cel.Type.STRING, _engine_type(type_.of, messages))
    if type_.base is Base.RECORD:
        named = messages.get(type_)
        return cel.Type(named) if named else cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    return _SCALARS[type_.base]


def _compile(environment: cel.Env, source: str, *, checked: bool = True) -> cel.Expression:
    try:
        return environment.compile(source, disable_check=not checked)
    except (RuntimeError, ValueError) as error:
        raise RejectedError(_reports(str(error))) from error


def _reports(message: str) -> tuple[Report, ...]:
    found = [Report(int(line), int(column), _STATUS.sub("", said)) for line, column, said in _REPORT.findall(message)]
    return tuple(found) or (Report(0, 0, _STATUS.sub("", message)),)


def _failed(failure: str) -> EvaluationError:
    absent = _ABSENT.search(failure) or _NO_KEY.search(failure)
    if absent:
        return NoValueError.of(tuple(absent[1].split(".")))
    return EvaluationError(_STATUS.sub("", _CODE.sub("", failure)))


_PARSER: Final = cel.NewEnv()


def _trial(source: str) -> Program:
    return Program(_compile(cel.NewEnv(variables={"literal": cel.Type.STRING}), source))


_TRIALS: Final = {
    "matches": _trial("''.matches(literal)"),
    "timestamp": _trial("timestamp(literal)"),
    "duration": _trial("duration(literal)"),
}


def literal_value(function: str, literal: str) -> object:
    """Return what `timestamp` or `duration` makes of a literal, in Python's terms; raises EvaluationError."""
    return _TRIALS[function].run({"literal": literal})


def wrong_literal(function: str, literal: str) -> str | None:
    """Say what is wrong with a literal pattern, timestamp or duration, or None."""
    if function not in _TRIALS:
        return None
    try:
        _TRIALS[function].run({"literal": literal})
    except EvaluationError as error:
        return error.message if function == "matches" else f"'{literal}' is not a {function}"
    return None
