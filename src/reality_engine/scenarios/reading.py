"""Reads a file of tests, telling what is wrong with it at its place; does not run them."""

from pydantic import ValidationError

from reality_engine.packs.problems import Problems
from reality_engine.packs.reader import read_source
from reality_engine.packs.shape import tell_misfit
from reality_engine.packs.source import Source, Spot
from reality_engine.scenarios.definitions import ScenariosDefinition


def read_tests(file: str, text: str) -> tuple[ScenariosDefinition, Source]:
    """Return the tests of a file and where they stand; raises PackError with every mistake."""
    problems = Problems()
    source = read_source(file, text, problems)
    problems.refuse()
    try:
        return ScenariosDefinition.model_validate(source.data), source
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            tell_misfit(ScenariosDefinition, Spot(source), detail, problems)
        problems.refuse()
        raise
