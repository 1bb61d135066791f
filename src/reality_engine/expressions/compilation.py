"""Turns an analysed source into a running expression: types checked, result fitted; names are resolved before."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NoReturn, TypeVar

from reality_engine.expressions import engine
from reality_engine.expressions.analysis import Analysis
from reality_engine.expressions.direct import Direct, Reading, direct
from reality_engine.expressions.engine import RejectedError, Report
from reality_engine.expressions.errors import ExpressionError, ExpressionProblem
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.fitting import accepts, assured, described
from reality_engine.expressions.growth import growth_of
from reality_engine.expressions.inference import precise
from reality_engine.expressions.library import SUM_OF_NUMBERS
from reality_engine.expressions.messages import Catalogue, catalogue_of
from reality_engine.expressions.rewriting import Replacement, rewritten
from reality_engine.expressions.syntax import Call, Node, Tree, children
from reality_engine.expressions.types import INTEGER, NUMBER, Type
from reality_engine.expressions.values import incoming
from reality_engine.expressions.wording import cascading, plainly

T = TypeVar("T")

_NO_VALUE_TYPE: Final = "this gives something that cannot be kept: null, bytes, an unsigned integer or a type"


def parsed(source: str) -> Node:
    """Return the syntax tree; raises ExpressionError."""
    try:
        return engine.parse(source).root
    except RejectedError as error:
        # The parser's further complaints come of its own attempts to go on after the first.
        first = next((each for each in error.reports if not cascading(each.message)), error.reports[0])
        raise ExpressionError.of(*_problems(source, [first], None)) from error


def compiled(analysis: Analysis, root: Node, expects: Type | None) -> Expression:
    """Check and compile what has been analysed without a problem; raises ExpressionError."""
    source = rewritten(analysis.source, analysis.replacements)
    names = _names(analysis)
    catalogue = catalogue_of(names.values())
    tree = _accepted(source, lambda: engine.check(source, names, catalogue), catalogue)
    given = _result(analysis, root, tree, expects)
    growth = growth_of(root, source)
    running = rewritten(source, _sums_of_numbers(tree, source))
    program = _accepted(source, lambda: engine.program(running, names), catalogue)
    loose = expects is not None and not assured(expects, given)
    return Expression(
        source=analysis.source,
        type=expects if expects is not None and loose else given,
        reads=frozenset(analysis.reads),
        lookups=frozenset(analysis.lookups),
        program=program,
        variables=tuple((path.path, name, incoming(path.type)) for name, path in analysis.paths.items()),
        slots=tuple(analysis.slots),
        labels=dict(analysis.labels),
        needed=expects if loose else None,
        growth=growth,
        direct=None if loose or growth else _direct(analysis, tree, names),
    )


def _direct(analysis: Analysis, tree: Tree, names: Mapping[str, Type]) -> Direct | None:
    paths = {name: path.path for name, path in analysis.paths.items()}
    return direct(tree, Reading(analysis.resolver.variables, names, paths, analysis.slots))


def _names(analysis: Analysis) -> Mapping[str, Type]:
    """Return what to declare: the same for most expressions of a place, so that the engine need not prepare anew."""
    shallow = analysis.resolver.shallow()
    return shallow if analysis.declared.keys() <= shallow.keys() else analysis.declared


def _accepted(source: str, compile_: Callable[[], T], catalogue: Catalogue | None = None) -> T:
    try:
        return compile_()
    except RejectedError as error:
        raise ExpressionError.of(*_problems(source, error.reports, catalogue)) from error


def _problems(source: str, reports: Iterable[Report], catalogue: Catalogue | None) -> list[ExpressionProblem]:
    types = catalogue.types.items() if catalogue else ()
    members = {name: tuple(member for member, _ in record.fields) for name, record in types}
    own = [report for report in reports if not cascading(report.message)]
    return [ExpressionProblem(_offset(source, each), *plainly(each.message, members)) for each in own or reports]


def _offset(source: str, report: Report) -> int:
    """Return the offset of a line and column, kept within the source."""
    if report.line < 1 or report.column < 1:
        return 0
    before = source.split("\n")[: report.line - 1]
    return min(sum(len(line) + 1 for line in before) + report.column - 1, max(len(source) - 1, 0))


def _result(analysis: Analysis, root: Node, tree: Tree, expects: Type | None) -> Type:
    given = precise(root, analysis.types) or tree.result
    start = len(analysis.source) - len(analysis.source.lstrip())
    if given is None:
        _refuse(start, _NO_VALUE_TYPE)
    if expects is not None and not accepts(expects, given):
        hint = "int(…) cuts a number down to an integer" if (expects, given) == (INTEGER, NUMBER) else None
        _refuse(start, f"this gives {described(given)}, but {described(expects)} is needed", hint)
    return given


def _sums_of_numbers(tree: Tree, source: str) -> list[Replacement]:
    """Return the renaming of each `sum` that adds up numbers."""
    found: list[Replacement] = []
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        waiting.extend(children(node))
        if isinstance(node, Call) and tree.overloads.get(node.id) == "sum_numbers":
            start = source.rindex("sum", 0, node.offset)
            found.append(Replacement(start, start + len("sum"), SUM_OF_NUMBERS))
    return found


def _refuse(offset: int, message: str, hint: str | None = None) -> NoReturn:
    raise ExpressionError.of(ExpressionProblem(offset, message, hint))
