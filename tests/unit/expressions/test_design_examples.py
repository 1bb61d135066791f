"""Every expression of the example pack in the design compiles and gives what it says there."""

import pytest

from reality_engine.expressions.types import BOOLEAN, INTEGER, TEXT, Type, ref_to
from tests.unit.expressions.harbor import EVENING, HARBOR, KNIVES


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("'player' in me.roles", True),
        ("actor.faction == target.id", True),
        ("actor.coin >= input.effort", True),
        ("self.coin >= 0", True),
        ("self.stress == 9", True),
        ("input.effort == 1", False),
    ],
)
def test_conditions_of_the_design_hold_as_they_read(source: str, holds: bool) -> None:
    assert HARBOR.expression(source, BOOLEAN).holds(EVENING) is holds


@pytest.mark.parametrize(
    ("source", "expects", "gives"),
    [
        ("input.name", TEXT, "Knives"),
        ("input.faction", ref_to("faction"), KNIVES),
        ("actor.coin - input.effort", INTEGER, 0),
        ("input.effort", INTEGER, 2),
        ("actor.faction.name", TEXT, "Knives"),
        ("referring(target, 'character.faction').map(c, c.name)", None, ["Mira", "Tam"]),
        ("find('faction', 'name', input.name).plan", INTEGER, 3),
    ],
)
def test_values_of_the_design_are_as_they_read(source: str, expects: Type | None, gives: object) -> None:
    assert HARBOR.expression(source, expects).evaluate(EVENING) == gives


@pytest.mark.parametrize(
    ("source", "shows"),
    [
        ("{hero.name} arrives", "Mira arrives"),
        ("{self.name} cannot owe coin", "Mira cannot owe coin"),
        ("{actor.name} has only {actor.coin} coin", "Mira has only 2 coin"),
        (
            "{actor.name} moves the plan of {target.name} forward by {input.effort}",
            "Mira moves the plan of Knives forward by 2",
        ),
        ("{entity.name} strikes", "Knives strikes"),
    ],
)
def test_narratives_of_the_design_read_well(source: str, shows: str) -> None:
    assert HARBOR.template(source).text(EVENING) == shows
