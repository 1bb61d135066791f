from pathlib import Path

import pytest

from reality_engine.packs.loader import load_pack
from reality_engine.scenarios.outcome import Outcome
from reality_engine.scenarios.reading import read_tests
from reality_engine.scenarios.runner import run_tests

PACKS = sorted((Path(__file__).parents[3] / "packs").iterdir())
OUTCOMES = [outcome for pack in PACKS for outcome in run_tests(pack)]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.name)
def test_a_shipped_pack_does_what_its_tests_say(outcome: Outcome) -> None:
    assert outcome.passed, outcome.message


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_the_tests_of_a_shipped_pack_perform_each_of_its_actions(pack: Path) -> None:
    performed: set[str] = set()
    for file in (pack / "tests").glob("*.yaml"):
        tests, _ = read_tests(str(file), file.read_text())
        for test in tests.tests.values():
            performed |= {step.do for step in (*tests.given.steps, *test.when) if not (step.then and step.then.refused)}
    assert {name for name, action in load_pack(pack).actions.items() if not action.core} <= performed


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_a_shipped_pack_is_short_enough_to_read(pack: Path) -> None:
    assert len((pack / "pack.yaml").read_text().splitlines()) <= 450
    assert (pack / "README.md").is_file()
