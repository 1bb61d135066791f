"""A query that is compiled once and asked many times, with other values; not who asks it."""

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import Dialect as Compiling
from sqlalchemy import Select
from sqlalchemy.dialects import registry

from reality_engine.db.types import POSTGRESQL

T = TypeVar("T")
Values: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Sequence[Sequence[Any]]


class Statement:
    """A query whose named parameters are given when it is asked; what it has of constants stays.

    Its columns are texts and numbers, and so are its parameters, or bytes: what a driver takes and gives as it is.
    """

    __slots__ = ("_constants", "_names", "query", "text")

    def __init__(self, query: Select[*tuple[Any, ...]], database: str) -> None:
        """Compile it for a database, by the name that its dialect has."""
        compiled = query.compile(dialect=_compiling(database), compile_kwargs={"render_postcompile": True})
        given = {name for name, bound in compiled.binds.items() if bound.required}
        self.query: Final = query
        self.text: Final = str(compiled)
        self._names: Final = tuple(compiled.positiontup or ())
        self._constants: Final = {name: held for name, held in compiled.params.items() if name not in given}

    def arguments(self, values: Values) -> list[Any]:
        """Return the values in the order in which the text has them."""
        held = {**self._constants, **values}
        return [held[name] for name in self._names]


Ask: TypeAlias = tuple[Statement, Values]
# What reads a page: yields statements, is sent their rows, and returns what it made of them.
Script: TypeAlias = Generator[Ask, Rows, T]


def played(script: Script[T], answer: Callable[[Statement, Values], Rows]) -> T:
    """Run a script on something that answers at once."""
    try:
        statement, values = next(script)
        while True:
            statement, values = script.send(answer(statement, values))
    except StopIteration as done:
        found: T = done.value
        return found


@cache
def _compiling(database: str) -> Compiling:
    name = "postgresql.asyncpg" if database == POSTGRESQL else "sqlite"
    made: Compiling = registry.load(name)()
    return made
