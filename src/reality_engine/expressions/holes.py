"""Cuts a template into literal texts and the sources in its braces; it does not compile them."""

from collections.abc import Iterator
from dataclasses import dataclass

from reality_engine.expressions.errors import ExpressionError, ExpressionProblem
from reality_engine.expressions.tokens import closing


@dataclass(frozen=True, slots=True)
class Piece:
    """A literal text, or the source in a hole, with its offset in the template."""

    offset: int
    text: str
    hole: bool


def pieces(source: str) -> Iterator[Piece]:
    """Yield the pieces in order, literal texts with their doubled braces made single; raises ExpressionError."""
    literal, at = "", 0
    while at < len(source):
        if source[at : at + 2] in ("{{", "}}"):
            literal, at = literal + source[at], at + 2
        elif source[at] == "}":
            raise ExpressionError.of(ExpressionProblem(at, "a single '}'", "write }} for a brace"))
        elif source[at] == "{":
            if literal:
                yield Piece(at - len(literal), literal, hole=False)
            end = _end(source, at)
            yield Piece(at + 1, source[at + 1 : end], hole=True)
            literal, at = "", end + 1
        else:
            literal, at = literal + source[at], at + 1
    if literal:
        yield Piece(at - len(literal), literal, hole=False)


def _end(source: str, opening: int) -> int:
    end = closing(source, opening)
    if end is None:
        raise ExpressionError.of(ExpressionProblem(opening, "this '{' is never closed", "write {{ for a brace"))
    if not source[opening + 1 : end].strip():
        raise ExpressionError.of(ExpressionProblem(opening, "there is no expression in these braces"))
    return end
