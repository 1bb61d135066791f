"""Compiles expressions and templates for one place in a pack, where certain variables may be named."""

from collections.abc import Mapping
from typing import Final, NoReturn

from reality_engine.expressions.analysis import Analysis
from reality_engine.expressions.bindings import Path
from reality_engine.expressions.chains import chain_of
from reality_engine.expressions.compilation import compiled, parsed
from reality_engine.expressions.errors import ExpressionError, ExpressionProblem
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.fitting import described
from reality_engine.expressions.holes import pieces
from reality_engine.expressions.paths import Resolver
from reality_engine.expressions.syntax import Name
from reality_engine.expressions.template import SHOWN, Part, Template
from reality_engine.expressions.types import Shapes, Type

MAX_SOURCE: Final = 2_000


class Environment:
    """The names that expressions of one place may use, with their types."""

    def __init__(self, shapes: Shapes, variables: Mapping[str, Type]) -> None:
        """Keep the shapes of the pack's kinds and the types of the variables."""
        self._resolver = Resolver(shapes, variables)

    def expression(self, source: str, expects: Type | None = None) -> Expression:
        """Compile; raises ExpressionError with everything that is wrong.

        With `expects` the result is of that type: what the static types leave open is checked at every evaluation.
        """
        _check_source(source)
        root = parsed(source)
        analysis = Analysis(source, self._resolver, self.expression)
        analysis.visit(root)
        if analysis.problems:
            raise ExpressionError.of(*analysis.problems)
        return compiled(analysis, root, expects)

    def template(self, source: str) -> Template:
        """Compile a text with `{CEL}`; `{{` and `}}` are braces. Raises ExpressionError with everything wrong."""
        parts: list[Part] = []
        problems: list[ExpressionProblem] = []
        for piece in pieces(source):
            try:
                parts.append(self._hole(piece.text) if piece.hole else piece.text)
            except ExpressionError as error:
                problems.extend(each.shifted(piece.offset) for each in error.problems)
        if problems:
            raise ExpressionError.of(*problems)
        return Template(source, tuple(parts))

    def path(self, source: str) -> tuple[Path, Type]:
        """Resolve a dotted path to a variable or field; raises ExpressionError."""
        _check_source(source)
        chain = chain_of(parsed(source))
        if not isinstance(chain.base, Name) or chain.test:
            _refuse(0, "a dotted path is needed here, such as target.field")
        resolved = self._resolver.resolve(chain.path)
        if resolved.rest:
            _refuse(0, f"{resolved.dotted} is {described(resolved.type)}, and paths end there")
        return resolved.path, resolved.type

    def _hole(self, source: str) -> Expression:
        expression = self.expression(source)
        if expression.type.base not in SHOWN:
            _refuse(0, f"this gives {described(expression.type)}, which cannot be shown in a text")
        return expression


def _check_source(source: str) -> None:
    if len(source) > MAX_SOURCE:
        _refuse(MAX_SOURCE, f"an expression has at most {MAX_SOURCE} characters, and this has {len(source)}")
    if "\0" in source:
        _refuse(source.index("\0"), "an expression cannot hold a NUL character")


def _refuse(offset: int, message: str, hint: str | None = None) -> NoReturn:
    raise ExpressionError.of(ExpressionProblem(offset, message, hint))
