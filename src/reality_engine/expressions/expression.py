"""A compiled expression, ready to be evaluated; not how it came to be compiled (`environment`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reality_engine.expressions.bindings import UNSET, Bindings, Path
from reality_engine.expressions.direct import Direct
from reality_engine.expressions.engine import Program
from reality_engine.expressions.errors import EvaluationError, NoValueError
from reality_engine.expressions.fitting import fit
from reality_engine.expressions.growth import Growth
from reality_engine.expressions.plain import NotPlainError
from reality_engine.expressions.reads import Slot
from reality_engine.expressions.types import Type
from reality_engine.expressions.values import Incoming, outgoing
from reality_engine.kernel.json import Plain


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """CEL with a static type.

    `reads` are the paths it reads from variables, those inside of special forms included. `lookups` are the kinds and
    fields it searches by `find` and `referring`. `needed` is set where results must be brought into that type's form.
    An `optional` one yields None where what it reads has no value. A `direct` function is asked instead of the program,
    until it gives up.
    """

    source: str
    type: Type
    reads: frozenset[Path]
    lookups: frozenset[tuple[str, str]]
    program: Program = field(repr=False)
    variables: tuple[tuple[Path, str, Incoming | None], ...] = field(repr=False)
    slots: tuple[Slot, ...] = field(default=(), repr=False)
    labels: Mapping[str, Path] = field(default_factory=dict, repr=False)
    needed: Type | None = None
    growth: Growth | None = field(default=None, repr=False)
    optional: bool = False
    direct: Direct | None = field(default=None, repr=False)

    def evaluate(self, bindings: Bindings) -> Plain:
        """Return the value; raises NoValueError where a path has none, EvaluationError for any other failure."""
        if self.direct is not None:
            try:
                return self.direct(bindings)
            except (NotPlainError, ArithmeticError):
                pass
        return self._by_engine(bindings)

    def holds(self, bindings: Bindings) -> bool:
        """Say whether a condition is true; one that cannot be decided does not hold."""
        try:
            return self.evaluate(bindings) is True
        except (EvaluationError, RecursionError):
            return False

    def _by_engine(self, bindings: Bindings) -> Plain:
        try:
            result = outgoing(self.program.run(self._data(bindings)))
            return result if self.needed is None else fit(result, self.needed)
        except NoValueError as error:
            if self.optional:
                return None
            raise self._named(error) from None
        except RecursionError:
            raise EvaluationError("a value is nested too deeply") from None

    def _data(self, bindings: Bindings) -> dict[str, object]:
        data: dict[str, object] = {}
        value = bindings.value
        for path, name, convert in self.variables:
            found = value(path)
            if found is not UNSET and found is not None:
                data[name] = found if convert is None else convert(found)  # type: ignore[arg-type]
        for slot in self.slots:
            read = slot.read(bindings)
            if read is not None:
                data[slot.name] = read
        if self.growth is not None:
            self.growth.check(data)
        return data

    def _named(self, error: NoValueError) -> NoValueError:
        """Return the error with the path as its author wrote it, where the program knows it by another name."""
        path = self.labels.get(error.path[0])
        return NoValueError.of(path + error.path[1:]) if path else error
