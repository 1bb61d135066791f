import pytest

from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Kind
from reality_engine.packs.loader import compile_source
from reality_engine.state.audience import facet_keys, facet_of, roles_of
from reality_engine.state.entity import LIFE, OWNER, Entity

PACK = compile_source(
    {
        "pack.yaml": """
pack: tiny
version: 1.0.0
roles: {gm: {sees: everything}, player: {default: true}}
kinds:
  house:
    visible_to: [everyone]
    group: {through: person.house}
    fields: {name: text, plot: {type: text, visible_to: [group]}}
  person:
    owned: true
    visible_to: [members]
    fields:
      name: text
      house: {type: ref, kind: house}
      secret: {type: text, visible_to: [owner, gm]}
      rumour: {type: text, visible_to: [group of house]}
      hidden: {type: text, visible_to: [nobody]}
  notice:
    owned: true
    visible_to: [{when: self.pinned, to: [members, group of house]}, owner]
    fields:
      pinned: {type: boolean, default: false}
      house: {type: ref, kind: house}
      text: {type: text, visible_to: [owner, {when: self.pinned, to: [members, group of house]}]}
      price: {type: record, fields: {amount: integer}, visible_to: [{when: self.price.amount > 2, to: [everyone]}]}
      mine: {type: text, visible_to: [{when: self.owner == 'pia' && self.id == 'n', to: [gm]}]}
      other: {type: text, visible_to: [{when: "!self.pinned", to: [members, group of house]}, owner],
        discloses: [self.pinned]}
"""
    }
)
NOTICE = PACK.kinds["notice"]
PERSON = PACK.kinds["person"]


@pytest.mark.parametrize(
    ("field", "keys"),
    [
        ("name", {"members"}),
        (LIFE, {"members"}),
        (OWNER, {"members"}),
        ("secret", {"user:pia", "role:gm"}),
        ("rumour", {"group:h"}),
        ("hidden", set()),
    ],
)
def test_a_facet_is_seen_by_the_keys_of_its_audience(field: str, keys: set[str]) -> None:
    assert keys_of(PERSON, field, Entity("p", "person", {"house": "h"}, owner="pia")) == keys


def test_what_belongs_to_nobody_or_no_group_has_no_such_key() -> None:
    alone = Entity("p", "person")
    assert keys_of(PERSON, "secret", alone) == {"role:gm"}
    assert keys_of(PERSON, "rumour", alone) == set()


def test_a_group_is_that_of_the_entity_itself() -> None:
    assert keys_of(PACK.kinds["house"], "plot", Entity("h", "house")) == {"group:h"}


def test_the_roles_of_an_audience_are_told() -> None:
    assert roles_of(PERSON.facets[facet_of(PERSON, "secret")].audience) == {"gm"}


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({"pinned": True, "house": "h"}, {"members", "group:h", "user:pia"}),
        ({"pinned": False, "house": "h"}, {"user:pia"}),
        ({"house": "h"}, {"user:pia"}),
    ],
)
def test_terms_on_a_condition_count_while_it_holds(fields: dict[str, Plain], keys: set[str]) -> None:
    assert keys_of(NOTICE, "text", Entity("n", "notice", fields, owner="pia")) == keys


def test_a_condition_may_look_into_a_record_and_at_the_entity_itself() -> None:
    for amount, keys in ((3, {"everyone"}), (2, set())):
        assert keys_of(NOTICE, "price", Entity("n", "notice", {"price": {"amount": amount}})) == keys
    for owner, keys in (("pia", {"role:gm"}), (None, set())):
        assert keys_of(NOTICE, "mine", Entity("n", "notice", owner=owner)) == keys


def test_audiences_that_say_the_same_share_a_facet_and_others_do_not() -> None:
    assert facet_of(NOTICE, "text") == facet_of(NOTICE, "pinned") == 0
    assert facet_of(NOTICE, "other") != 0


def keys_of(kind: Kind, field: str, entity: Entity) -> set[str]:
    return set(facet_keys(kind, facet_of(kind, field), entity))
