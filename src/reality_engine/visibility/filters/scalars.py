"""Reads the values that a filter compares, fields and constants, or says what is wrong with them; no conditions."""

from dataclasses import dataclass, field
from typing import Final

from reality_engine.expressions.chains import chain_of
from reality_engine.expressions.fitting import described
from reality_engine.expressions.syntax import Call, Constant, Name, Node, Selection
from reality_engine.expressions.types import Base
from reality_engine.visibility.filters.constants import UnknownValueError, constant
from reality_engine.visibility.filters.names import Names, unknown
from reality_engine.visibility.filters.problems import UNKNOWN, Problems
from reality_engine.visibility.filters.terms import Const, Read, Scalar, Size, family

_SIZED: Final = frozenset({Base.TEXT, Base.LIST, Base.MAP})
_OPERATORS: Final = frozenset("_!-@")
_CONDITIONS: Final = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_&&_", "_||_", "!_", "@in"})
_THERE_IS: Final = (
    "there is == != < <= > >= in && || !, contains, startsWith, endsWith, size, is_set, timestamp and duration"
)


@dataclass
class ScalarReader:
    """Turns nodes into values; None where there is a problem, which is then noted. `steps` counts the refs followed."""

    names: Names
    problems: Problems
    steps: int = field(default=0)

    def scalar(self, node: Node) -> Scalar | None:
        """Return the value that a node stands for."""
        try:
            known = constant(node, self.names.viewer.scope.user)
        except UnknownValueError as error:
            self.problems.add(error.offset, error.message)
            return None
        if known is not None:
            return known
        if isinstance(node, Name | Selection):
            return self._read(node)
        if isinstance(node, Call) and node.function == "size":
            return self._size(node)
        self._unsupported(node)
        return None

    def _read(self, node: Node) -> Read | None:
        chain = chain_of(node)
        if not isinstance(chain.base, Name):
            self.problems.add(
                start_of(chain.base), "fields can be read of the listed entity, and of what its refs lead to"
            )
            return None
        if chain.test:
            self.problems.add(start_of(node), "write is_set(…) instead of has(…)")
            return None
        path = [step.name for step in chain.path]
        read = self.names.find(path)
        if read is None:
            self._unknown(path, chain.base.offset)
            return None
        self.steps += read.through is not None
        return read

    def _unknown(self, path: list[str], offset: int) -> None:
        """Say which step is the first that is not known; whether it is hidden or not there is all the same."""
        for length in range(1, len(path) + 1):
            read = self.names.find(path[:length])
            if read is None:
                said, hint = unknown(path[:length], self.names.below(path[:length]))
                before = self.names.find(path[: length - 1]) if length > 1 else None
                if before is not None and before.through is not None and before.type.base is Base.REF:
                    said, hint = f"'{'.'.join(path)[:100]}' is too far away", "a filter follows one ref, and no further"
                self.problems.add(offset, said, hint, UNKNOWN)
                return

    def _size(self, node: Call) -> Scalar | None:
        of = [node.target, *node.arguments] if node.target is not None else list(node.arguments)
        if len(of) != 1 or of[0] is None:
            self.problems.add(node.offset, "size takes one text, list or map")
            return None
        scalar = self.scalar(of[0])
        if isinstance(scalar, Read | Const) and family(scalar.type) in _SIZED:
            return Size(scalar)
        if scalar is not None:
            self.problems.add(start_of(of[0]), f"{described(scalar.type)} has no size")
        return None

    def _unsupported(self, node: Node) -> None:
        if isinstance(node, Constant):
            hint = "is_set(field) asks whether there is a value" if node.value is None else None
            self.problems.add(node.offset, "null and bytes cannot be compared with", hint)
        elif isinstance(node, Call) and node.function[0] not in _OPERATORS:
            self.problems.add(
                max(node.offset - len(node.function), 0), f"a filter has no '{node.function[:50]}'", _THERE_IS
            )
        elif isinstance(node, Call) and node.function in _CONDITIONS:
            self.problems.add(node.offset, "a condition is not a value here", _THERE_IS)
        else:
            what = "reckons with literals only" if isinstance(node, Call) else "has no lists, maps or loops here"
            self.problems.add(node.offset, f"a filter {what}", _THERE_IS)


def start_of(node: Node) -> int:
    """Return where a node begins, as far as that is known."""
    if isinstance(node, Selection):
        return start_of(node.operand)
    if isinstance(node, Call) and node.target is not None:
        return start_of(node.target)
    return node.offset
