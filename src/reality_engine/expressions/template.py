"""Texts with expressions in braces, split into a pattern and arguments; not where they are shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

from reality_engine.expressions.bindings import Bindings
from reality_engine.expressions.errors import EvaluationError
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.types import Base
from reality_engine.expressions.values import MAX_TEXT
from reality_engine.kernel.json import Plain

Part: TypeAlias = str | Expression

_HOLE: Final = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_FRACTION: Final = re.compile(r"\.?0+Z$")
_WORDS: Final = {None: "", False: "false", True: "true"}

# What can be shown inside of a sentence.
SHOWN: Final = frozenset(
    {Base.TEXT, Base.REF, Base.INTEGER, Base.NUMBER, Base.BOOLEAN, Base.TIMESTAMP, Base.DURATION, Base.JSON, Base.LIST}
)


@dataclass(frozen=True, eq=False)
class Template:
    """A text with holes; its parts are literal texts and the expressions between them."""

    source: str
    parts: tuple[Part, ...]

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions in the holes, in order."""
        return tuple(part for part in self.parts if not isinstance(part, str))

    @cached_property
    def _numbered(self) -> tuple[tuple[str, Expression], ...]:
        return tuple((str(number), each) for number, each in enumerate(self.expressions))

    @cached_property
    def pattern(self) -> str:
        """The text with numbered holes, such as `{0} moves {1}`; literal braces are doubled."""
        numbers = iter(range(len(self.parts)))
        return "".join(_doubled(part) if isinstance(part, str) else f"{{{next(numbers)}}}" for part in self.parts)

    def arguments(self, bindings: Bindings) -> dict[str, str]:
        """Return what fills the holes, by number; what has no value, or cannot be evaluated, shows as nothing."""
        return {number: _evaluated(each, bindings) for number, each in self._numbered}

    def text(self, bindings: Bindings) -> str:
        """Return the whole text."""
        return render(self.pattern, self.arguments(bindings))


def render(pattern: str, arguments: Mapping[str, str]) -> str:
    """Fill a pattern's holes; one without an argument shows as nothing."""
    return "".join([arguments.get(part, "") if hole else part for part, hole in _split(pattern)])


@lru_cache(maxsize=1024)
def _split(pattern: str) -> tuple[tuple[str, bool], ...]:
    """Return the literal texts of a pattern and the numbers in its holes, which the flag beside them tells apart."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for found in _HOLE.finditer(pattern):
        parts.append((pattern[at : found.start()], False))
        parts.append((found[1], True) if found[1] else (found[0][0], False))
        at = found.end()
    return (*parts, (pattern[at:], False))


def shown(value: Plain, base: Base = Base.TEXT) -> str:
    """Write a value for people."""
    if isinstance(value, str):
        return _FRACTION.sub("Z", value) if base is Base.TIMESTAMP else value
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(item)}" for key, item in sorted(value.items()))
    return str(value)


def _evaluated(expression: Expression, bindings: Bindings) -> str:
    try:
        return shown(expression.evaluate(bindings), expression.type.base)[:MAX_TEXT]
    except EvaluationError:
        return ""


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
