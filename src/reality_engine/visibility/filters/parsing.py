"""Reads a filter's CEL into a typed tree, or says everything that is wrong with it; it looks at no entity."""

from typing import Final

from reality_engine.expressions.fitting import described
from reality_engine.expressions.syntax import Call, ListLiteral, Node
from reality_engine.expressions.types import BOOLEAN, TEXT, Base
from reality_engine.visibility.filters.flat import flat, nesting
from reality_engine.visibility.filters.names import Names
from reality_engine.visibility.filters.problems import TOO_MUCH, Problems
from reality_engine.visibility.filters.scalars import ScalarReader, start_of
from reality_engine.visibility.filters.terms import (
    Compare,
    Condition,
    Const,
    Every,
    Holds,
    IsSet,
    Negation,
    OneOf,
    Read,
    Scalar,
    Some,
    TextTest,
    Truth,
    family,
)
from reality_engine.visibility.filters.trees import check_bounds, tree_of

MAX_STEPS: Final = 10
MAX_NESTING: Final = 6
_COMPARISONS: Final = {"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_TESTS: Final = frozenset({"contains", "startsWith", "endsWith"})
_COMPARED: Final = frozenset({Base.TEXT, Base.NUMBER, Base.BOOLEAN, Base.TIMESTAMP, Base.DURATION})
_LISTED: Final = frozenset({Base.TEXT, Base.NUMBER, Base.BOOLEAN, Base.TIMESTAMP})
_EXAMPLES: Final = {Base.TIMESTAMP: "timestamp('2026-05-01T18:00:00Z')", Base.DURATION: "duration('90m')"}


def parse_filter(source: str, names: Names) -> Condition:
    """Return the condition that a filter says; raises ProblemsError with everything that is wrong, and where."""
    problems = Problems()
    root = tree_of(source, problems)
    if root is not None:
        check_bounds(root, problems)
    problems.refuse()
    reader = _Reader(names, problems)
    condition = reader.condition(root) if root is not None else None
    if reader.steps > MAX_STEPS:
        problems.add(0, f"a filter follows refs at most {MAX_STEPS} times, and this {reader.steps}", code=TOO_MUCH)
    problems.refuse()
    if condition is None:
        raise AssertionError(source)
    condition = flat(condition)
    if nesting(condition) > MAX_NESTING:
        problems.add(0, f"&& and || stand at most {MAX_NESTING} deep within each other", code=TOO_MUCH)
    problems.refuse()
    return condition


class _Reader(ScalarReader):
    """Turns nodes into conditions; None where there is a problem, which is then noted."""

    def condition(self, node: Node) -> Condition | None:
        if not isinstance(node, Call):
            return self._truth(node)
        if node.function in ("_&&_", "_||_"):
            return self._joined(node)
        if node.function in _COMPARISONS:
            return self._comparison(node)
        if node.function in _TESTS and node.target is not None:
            return self._text_test(node, node.target)
        read = {"!_": self._negation, "@in": self._within, "is_set": self._is_set}.get(node.function, self._truth)
        return read(node)

    def _joined(self, node: Call) -> Condition | None:
        parts = [self.condition(argument) for argument in node.arguments]
        held = tuple(part for part in parts if part is not None)
        joined: Condition = Every(held) if node.function == "_&&_" else Some(held)
        return joined if len(held) == len(parts) else None

    def _negation(self, node: Call) -> Condition | None:
        part = self.condition(node.arguments[0])
        return None if part is None else Negation(part)

    def _truth(self, node: Node) -> Condition | None:
        scalar = self.scalar(node)
        if scalar is None:
            return None
        if scalar.type != BOOLEAN:
            self.problems.add(start_of(node), f"this is {described(scalar.type)}, and a condition is needed")
            return None
        return Truth(scalar)

    def _comparison(self, node: Call) -> Condition | None:
        left, right = (self.scalar(argument) for argument in node.arguments)
        if left is None or right is None:
            return None
        operator = _COMPARISONS[node.function]
        if not self._comparable(node, left, right):
            return None
        if operator in ("==", "!="):
            self._possible(node.arguments[1], left, right)
            self._possible(node.arguments[0], right, left)
        return Compare(operator, left, right)

    def _comparable(self, node: Node, left: Scalar, right: Scalar) -> bool:
        one, other = family(left.type), family(right.type)
        if one is other and one in _COMPARED:
            return True
        if one is other:
            self.problems.add(node.offset, f"{described(left.type)} cannot be compared", "ask is_set, size or in")
            return False
        message = f"{described(left.type)} cannot be compared with {described(right.type)}"
        moment = next((base for base in (one, other) if base in _EXAMPLES), None)
        hint = f"write it as {_EXAMPLES[moment]}" if moment is not None and Base.TEXT in (one, other) else None
        self.problems.add(node.offset, message, hint)
        return False

    def _possible(self, node: Node, read: Scalar, value: Scalar) -> None:
        """Refuse to ask for a value that an enum never has: it would be a mistake that looks like an answer."""
        if not isinstance(read, Read) or read.field.base != "enum" or not isinstance(value, Const):
            return
        if value.value is not None and value.value not in read.field.values:
            message = f"{read.shown} is never '{str(value.value)[:50]}'"
            self.problems.add(start_of(node), message, f"it is one of {', '.join(read.field.values)}")

    def _within(self, node: Call) -> Condition | None:
        item, (source) = self.scalar(node.arguments[0]), node.arguments[1]
        if isinstance(source, ListLiteral):
            options = [self.scalar(element) for element in source.elements]
            return self._one_of(source, item, options)
        container = self.scalar(source)
        if item is None or container is None:
            return None
        held = container.type.of if container.type.base is Base.LIST else TEXT
        if not isinstance(container, Read) or container.type.base not in (Base.LIST, Base.MAP) or held is None:
            self.problems.add(start_of(source), f"this is {described(container.type)}, and `in` needs a list")
            return None
        if family(held) is not family(item.type) or family(held) not in _LISTED:
            message = f"{described(item.type)} is never in {described(container.type)}"
            self.problems.add(node.offset, message)
            return None
        return Holds(container, item)

    def _one_of(self, node: ListLiteral, item: Scalar | None, options: list[Scalar | None]) -> Condition | None:
        if not options:
            self.problems.add(node.offset, "nothing is in an empty list")
        if item is None or not options or any(option is None for option in options):
            return None
        known = tuple(option for option in options if isinstance(option, Const))
        if len(known) < len(options):
            self.problems.add(node.offset, "a list may have literals only", "join conditions by || instead")
            return None
        for element, option in zip(node.elements, known, strict=True):
            if not self._comparable(element, item, option):
                return None
            self._possible(element, item, option)
        return OneOf(item, known)

    def _text_test(self, node: Call, target: Node) -> Condition | None:
        if len(node.arguments) != 1:
            self.problems.add(node.offset, f"{node.function} takes one text")
            return None
        text, part = self.scalar(target), self.scalar(node.arguments[0])
        for scalar, at in ((text, target), (part, node.arguments[0])):
            if scalar is not None and family(scalar.type) is not Base.TEXT:
                hint = "write 'x' in the list instead" if scalar.type.base is Base.LIST else None
                self.problems.add(
                    start_of(at), f"{node.function} needs a text, and this is {described(scalar.type)}", hint
                )
                return None
        return None if text is None or part is None else TextTest(node.function, text, part)

    def _is_set(self, node: Call) -> Condition | None:
        if node.target is None and len(node.arguments) == 1:
            read = self.scalar(node.arguments[0])
            if isinstance(read, Read):
                return IsSet(read)
            if read is None:
                return None
        self.problems.add(node.offset, "is_set takes one field, such as is_set(name)")
        return None
