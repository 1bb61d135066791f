from pathlib import Path

import pytest

from reality_engine.expressions.expression import Expression
from reality_engine.expressions.types import Base
from reality_engine.packs.audience import Seer, Term
from reality_engine.packs.compiled import CompiledPack, Group
from reality_engine.packs.effects import Add, Create, Emit, Literal, Set, Slot
from reality_engine.packs.loader import load_pack

EXAMPLES = Path(__file__).parent / "examples"


@pytest.fixture(scope="module")
def harbor() -> CompiledPack:
    return load_pack(EXAMPLES / "harbor_example.yaml")


def test_the_example_of_the_design_compiles(harbor: CompiledPack) -> None:
    assert (harbor.name, harbor.version, harbor.title) == ("harbor", "1.0.0", "Harbor of Knives")
    assert len(harbor.digest) == 64


def test_fields_that_share_an_audience_share_a_facet(harbor: CompiledPack) -> None:
    faction = harbor.kinds["faction"]
    assert [facet.fields for facet in faction.facets] == [("name", "plan"), ("plot",)]
    assert faction.facets[0].audience == (Seer(Term.EVERYONE),)
    assert faction.facets[1].audience == (Seer(Term.GROUP), Seer(Term.ROLE, role="gm"))
    assert faction.group == Group("character", "faction")


def test_a_meter_begins_at_zero(harbor: CompiledPack) -> None:
    assert harbor.kinds["faction"].fields["plan"].default == 0
    assert harbor.kinds["faction"].fields["plan"].value.maximum == 8


def test_computed_fields_and_invariants_are_compiled(harbor: CompiledPack) -> None:
    character = harbor.kinds["character"]
    assert character.computed == ("broken",)
    assert character.fields["broken"].computed is not None
    assert character.invariants[0].message.pattern == "{0} cannot owe coin"


def test_create_binds_a_name_and_an_owner(harbor: CompiledPack) -> None:
    (create,) = harbor.actions["join_as"].effects
    assert isinstance(create, Create)
    assert (create.kind, create.name) == ("character", "hero")
    assert isinstance(create.owner, Expression)
    assert create.owner.source == "me.id"
    assert sorted(create.fields) == ["faction", "name"]


def test_effects_name_their_slots(harbor: CompiledPack) -> None:
    spend, advance = harbor.actions["advance_plan"].effects
    assert isinstance(spend, Set)
    assert spend.slot == Slot(("actor",), "character", "coin")
    assert isinstance(advance, Add)
    assert advance.slot == Slot(("target",), "faction", "plan")
    assert isinstance(advance.value, Expression)
    assert advance.value.type.base is Base.INTEGER


def test_an_input_with_a_default_is_not_required(harbor: CompiledPack) -> None:
    effort = harbor.actions["advance_plan"].inputs["effort"]
    assert (effort.required, effort.default) == (False, 1)
    assert harbor.actions["join_as"].inputs["name"].required


def test_an_action_is_seen_by_who_acted_unless_told(harbor: CompiledPack) -> None:
    assert harbor.actions["join_as"].audience == (Seer(Term.ACTOR),)
    assert harbor.actions["advance_plan"].audience == (
        Seer(Term.GROUP_OF, path=("target",)),
        Seer(Term.ROLE, role="gm"),
    )


def test_a_reaction_binds_the_entity_of_its_meter(harbor: CompiledPack) -> None:
    (reaction,) = harbor.reactions
    assert (reaction.event, reaction.kind, reaction.field) == ("meter.filled", "faction", "plan")
    reset, strike = reaction.effects
    assert reset == Set(Slot(("entity",), "faction", "plan"), Literal(0))
    assert isinstance(strike, Emit)
    assert reaction.audience == ()


def test_every_part_of_the_language_compiles() -> None:
    workshop = load_pack(EXAMPLES / "workshop.yaml")
    advance = workshop.actions["advance"]
    assert [type(effect).__name__ for effect in advance.effects] == [
        "Roll", "Draw", "Shuffle", "Set", "Set", "Add", "Add", "Add", "Remove", "If", "ForEach",
    ]  # fmt: skip
    assert advance.effects[4] == Set(Slot(("target",), "guild", "motto"), Literal("=plain"))
    assert workshop.actions["recall"].target_deleted
    assert not workshop.actions["retire"].target_deleted
    assert workshop.kinds["guild"].computed == ("open", "busy")
    assert workshop.kinds["clockmaker"].fields["rest"].default == "5400s"
    assert advance.discloses == (("target", "plot"),)
    assert len(workshop.seeds) == 2
