"""What a pack says of its earlier versions is held to its own names, and told with its place."""

import pytest

from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError
from reality_engine.packs.upgrades import Migration, order_of

PACK = """\
pack: tides
version: 2.0.0
roles: {keeper: {admin: true}}
kinds:
  house:
    visible_to: [everyone]
    fields:
      name: {type: text, max_length: 80}
      coin: {type: integer, min: 0}
      first: text
      twice: {type: integer, computed: "self.coin * 2"}
upgrades:
"""


def pack(*lines: str) -> CompiledPack:
    return compile_source({"pack.yaml": PACK + "".join(f"  {line}\n" for line in lines)})


def test_it_says_what_becomes_of_a_version() -> None:
    made = pack(
        "- from: [1.0.0, 1.1.0 to 1.9.0]",
        "  rename: {kinds: {faction: house}, fields: {house.title: name}, roles: {gm: keeper}}",
        "  default: {house.coin: 3}",
        '  split: {house.label: {first: "=self.label"}}',
        "  drop: [rumour, house.plot, role:thief]",
        "  opens: [house.name]",
    )
    (told,) = made.upgrades
    assert [told.covers(one) for one in ("1.0.0", "1.0.1", "1.4", "1.9.0", "1.9.1")] == [True, False, True, True, False]
    assert (told.kinds, told.fields) == ({"faction": "house"}, {("house", "title"): "name"})
    assert told.values == {("house", "coin"): 3}
    assert told.split == {("house", "label")}
    assert told.formulas["house", "first"].source == "self.label"
    assert (set(told.drops), set(told.opens)) == ({"rumour", "house.plot", "role:thief"}, {"house.name"})
    assert made.roles["keeper"].formerly == ("gm",)


def test_versions_are_in_order() -> None:
    versions = ["1.0.0-a", "1.0.0-rc2", "1.0.0-rc10", "1", "1.2", "1.10.0"]
    assert sorted(versions, key=order_of) == versions
    assert Migration.covers(pack('- {from: "1.0 to 2"}').upgrades[0], "1.0.0")


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("- {from: latest}", "bad_version", 12),
        ("- {from: 1.0.0, drop: [house.coin]}", "bad_upgrade", 26),
        ("- {from: 1.0.0, drop: [horse.coin]}", "unknown_kind", 26),
        ("- {from: 1.0.0, opens: [house.plot]}", "unknown_field", 27),
        ("- {from: 1.0.0, default: {house.coin: many}}", "bad_value", 41),
        ("- {from: 1.0.0, default: {house.twice: 4}}", "bad_upgrade", 29),
        ("- {from: 1.0.0, default: {member.name: Jo}}", "unknown_kind", 29),
        ("- {from: 1.0.0, rename: {fields: {house.old: new}}}", "unknown_field", 48),
        ("- {from: 1.0.0, rename: {fields: {house.coin: name}}}", "bad_upgrade", 37),
        ("- {from: 1.0.0, rename: {kinds: {faction: horse}}}", "unknown_kind", 45),
        ("- {from: 1.0.0, rename: {roles: {keeper: keeper}}}", "bad_upgrade", 36),
        ("- {from: 1.0.0, split: {house.coin: {first: =self.coin}}}", "bad_upgrade", 27),
        ("- {from: 1.0.0, compute: {house.coin: '1'}}", "bad_expression", 41),
        ('- {from: 1.0.0, compute: {house.coin: "=self.coin +"}}', "bad_expression", None),
        ('- {from: 1.0.0, compute: {house.coin: "=world.coin"}}', "bad_expression", 43),
        ("- {from: 1.0.0, computes: {}}", "unknown_key", 19),
        ("- {default: {}}", "missing_key", 5),
    ],
)
def test_a_mistake_is_told_with_its_place(line: str, code: str, column: int | None) -> None:
    with pytest.raises(PackError) as raised:
        pack(line)
    (problem,) = raised.value.problems
    assert (problem.code, problem.place.line) == (code, 13), str(problem)
    assert column is None or problem.place.column == column, str(problem)
