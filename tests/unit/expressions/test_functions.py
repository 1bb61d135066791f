"""The table of functions is true: each example gives what the table says, and the table is complete."""

import pytest

from reality_engine.expressions.functions import CALLABLE, FUNCTIONS, VARIABLES, Function, Variable
from reality_engine.expressions.library import NATIVES
from tests.unit.expressions.harbor import give


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_every_example_gives_what_the_table_says(function: Function) -> None:
    assert function.name in function.example
    assert give(function.example) == give(function.gives)


def test_every_native_function_is_in_the_table() -> None:
    assert {native.name for native in NATIVES} <= CALLABLE


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_has_an_example_that_names_it(variable: Variable) -> None:
    assert variable.name in variable.example
