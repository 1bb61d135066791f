"""Whatever is written as an expression or template, it compiles or is refused with places inside of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reality_engine.expressions.errors import EvaluationError, ExpressionError
from tests.unit.expressions.harbor import EVENING, HARBOR

FRAGMENTS = (
    "actor . target coin faction name input is_set( find( referring( has( ) ( [ ] { } , ' \" 'faction' 'name' "
    "'character.faction' 1 2.5 + - && || ! == < ? : in true null .map(x, .all(x, x .filter(x, x.coin sum( size( "
    "//c \n r'\\' \\ 😀 é math.greatest( timestamp( ''' b'x' .data .labels me.roles now now.getHours() dyn("
)
PIECES = st.sampled_from(FRAGMENTS.split(" "))
SOURCES = (
    st.lists(PIECES, max_size=14).map("".join) | st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=20)
)


@settings(deadline=None)
@given(SOURCES)
def test_an_expression_compiles_or_is_refused_within_its_source(source: str) -> None:
    try:
        expression = HARBOR.expression(source)
    except ExpressionError as error:
        _check_places(error, len(source) - 1)
        return
    try:
        expression.evaluate(EVENING)
    except EvaluationError:
        return


@settings(deadline=None)
@given(SOURCES)
def test_a_template_compiles_or_is_refused_within_its_source(source: str) -> None:
    try:
        HARBOR.template(source).text(EVENING)
    except ExpressionError as error:
        _check_places(error, len(source))


def _check_places(error: ExpressionError, last: int) -> None:
    assert all(0 <= each.offset <= max(last, 0) for each in error.problems), error.problems
