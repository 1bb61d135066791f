"""What variables stand for: the same, however it is asked for."""

import pytest

from reality_engine.expressions.bindings import UNSET
from reality_engine.packs.loader import compile_source
from reality_engine.rules.bindings import Bound, RuleBindings, Variable
from reality_engine.rules.facts import WholeWorld
from reality_engine.rules.working import Working
from reality_engine.state.entity import Entity, Life
from tests.unit.rules.worlds import HEAD

THINGS = {
    "hero": Entity("hero", "thing", {"name": "Mira", "coin": 3}, owner="pia"),
    "gone": Entity("gone", "thing", {"name": "Tam"}, life=Life.DELETED),
}


@pytest.mark.parametrize(
    "variable",
    [Bound("hero"), Bound("gone"), Bound("nobody"), {"name": "Ines", "coin": 1, "pace": None}, None, "text", 7, ["a"]],
    ids=str,
)
def test_fields_are_what_paths_of_two_lead_to(variable: Variable) -> None:
    pack = compile_source({"pack.yaml": HEAD})
    bindings = RuleBindings(Working(pack, WholeWorld(pack, THINGS)), {"it": variable})
    for name in ("name", "coin", "pace"):
        held = bindings.fields("it").get(name)
        assert bindings.value(("it", name)) == (UNSET if held is None else held)
