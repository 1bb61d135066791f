"""Sees `a.b.c` in a syntax tree as one path; not what it leads to (`paths`)."""

from dataclasses import dataclass

from reality_engine.expressions.paths import Step
from reality_engine.expressions.syntax import Name, Node, Selection


@dataclass(frozen=True, slots=True)
class Chain:
    """What a path starts from (a name, a call, anything) and the names selected below it; `test` within `has()`."""

    base: Node
    steps: tuple[Step, ...]
    test: bool

    @property
    def path(self) -> tuple[Step, ...]:
        """The steps, with the bare name that they start from."""
        return (Step(self.base.name, self.base.offset), *self.steps) if isinstance(self.base, Name) else self.steps


def chain_of(node: Node) -> Chain:
    """Return the longest chain that ends in this node."""
    steps: list[Step] = []
    inner = node
    while isinstance(inner, Selection) and not (inner.test and inner is not node):
        steps.insert(0, Step(inner.field, inner.offset + 1))
        inner = inner.operand
    return Chain(inner, tuple(steps), isinstance(node, Selection) and node.test)
