"""Compiling: what is refused, in which words and where; what types come out."""

import pytest

from reality_engine.expressions.environment import MAX_SOURCE
from reality_engine.expressions.errors import EvaluationError, ExpressionError, ExpressionProblem
from reality_engine.expressions.types import (
    BOOLEAN,
    INTEGER,
    JSON,
    NUMBER,
    TEXT,
    TIMESTAMP,
    Base,
    Type,
    entity_of,
    list_of,
    map_of,
    record_of,
    ref_to,
)
from tests.unit.expressions.harbor import EVENING, HARBOR, World, give


def problems(source: str, expects: Type | None = None) -> tuple[ExpressionProblem, ...]:
    with pytest.raises(ExpressionError) as caught:
        HARBOR.expression(source, expects)
    return caught.value.problems


@pytest.mark.parametrize(
    ("source", "offset", "message"),
    [
        ("actor.coins > 1", 6, "character has no field 'coins'; did you mean 'coin'?"),
        ("acto.coin > 1", 0, "there is no variable 'acto' here; did you mean 'actor'?"),
        ("input.efort", 6, "input has no field 'efort'; did you mean 'effort'?"),
        ("actor.faction.nam", 14, "faction has no field 'nam'; did you mean 'name'?"),
        ("actor.coin.x", 11, "actor.coin is integer and has no fields"),
        ("size(actor)", 5, "actor is an entity, not a value"),
        ("actor.coin + 'x'", 11, "'+' does not work on (integer, text)"),
        ("actor.mentor.mentor.mentor.mentor.name", 34, "this walks through more than 3 refs"),
        ("'a'.lowerAsci()", 4, "there is no function 'lowerAsci'; did you mean 'lowerAscii'?"),
        ("actor.coin >", 11, "this is not CEL: it ends too early"),
        ("'a'.matches('(')", 12, "invalid regular expression: missing ): ("),
        ("now < timestamp('x')", 16, "'x' is not a timestamp"),
        ("has(actor.coin)", 4, "write is_set(actor.coin) instead of has(actor.coin)"),
        ("reality.faction{}", 0, "there is no type 'reality.faction' to make values of"),
        ("\n  actor.coins", 9, "character has no field 'coins'; did you mean 'coin'?"),
        ("target.entries.all(e, e.amout > 1)", 23, "record has no field 'amout'; did you mean 'amount'?"),
        (
            "referring(target, 'character.faction').all(c, c.coinn > 1)",
            47,
            "character has no field 'coinn'; did you mean 'coin'?",
        ),
        ("referring(target, 'character.factio')", 18, "character has no field 'factio'; did you mean 'faction'?"),
        ("referring(target, 'character.mentor')", 18, "character.mentor is not a ref to faction"),
        ("referring(target, 'charakter.faction')", 18, "there is no kind 'charakter'; did you mean 'character'?"),
        ("referring(now, 'character.faction')", 10, "now is not an entity: referring(target, 'kind.field')"),
        ("find('factoin', 'name', 'x').plan", 5, "there is no kind 'factoin'; did you mean 'faction'?"),
        ("find('faction', 'plan', 3).name", 16, "find needs a unique field, and faction.plan is not unique"),
        ("find('faction', 'name', input.nam).plan", 30, "input has no field 'nam'; did you mean 'name'?"),
        ("find('faction', 'name', 3).plan", 24, "this gives an integer, but a text is needed"),
        ("find('faction', 'name', 'x')", 0, "find('faction', 'name', 'x') is an entity, not a value"),
        ("['x'].map(n, find('faction', 'name', n).plan)", 37, "n is a loop variable, which cannot be used here"),
        ("is_set(actor, target)", 0, "is_set takes one path: is_set(target.field)"),
        ("find('faction', 'name')", 0, "find takes three arguments: find('kind', 'unique_field', value)"),
        ("referring(target)", 0, "referring takes two arguments: referring(target, 'kind.field')"),
        ("referring(target, now)", 18, "a name in quotes is needed here: referring(target, 'kind.field')"),
        ("find('faction', 'nam', 'x').plan", 16, "faction has no field 'nam'; did you mean 'name'?"),
        ("[1].all(x, is_set(x))", 18, "x always has a value; ask about one of its fields"),
        ("[1].all(x, referring(x, 'character.faction') == [])", 21, "x is a loop variable, which cannot be used here"),
        ("['a'].all(x, x.y)", 14, "this is text and has no fields"),
        ("is_set(1 + 1)", 9, "a path is needed here, such as is_set(target.field)"),
        ("null", 0, "this gives something that cannot be kept: null, bytes, an unsigned integer or a type"),
        ("(" * 40 + "1" + ")" * 40, 0, "the expression is nested too deeply (32 levels at most)"),
    ],
)
def test_a_mistake_is_told_in_our_words_at_its_place(source: str, offset: int, message: str) -> None:
    assert [(each.offset, each.message) for each in problems(source)] == [(offset, message)]


def test_every_mistake_is_told() -> None:
    assert [each.offset for each in problems("acto.coin > 1 && actor.coins > foo(target.pln)")] == [0, 23, 31, 42]


def test_a_bare_entity_is_refused_with_what_to_write() -> None:
    assert problems("target == actor.faction")[0].hint == "use target.id, or one of its fields"


@pytest.mark.parametrize(
    ("source", "needed", "message"),
    [
        ("actor.name", INTEGER, "this gives a text, but an integer is needed"),
        ("actor.weight", INTEGER, "this gives a number, but an integer is needed"),
        ("[1]", list_of(TEXT), "this gives a list of integer, but a list of text is needed"),
        ("actor.coin", BOOLEAN, "this gives an integer, but a boolean is needed"),
        ("actor.mentor", ref_to("faction"), "this gives a ref character, but a ref faction is needed"),
    ],
)
def test_a_result_of_another_type_is_refused(source: str, needed: Type, message: str) -> None:
    assert [each.message for each in problems(source, needed)] == [message]


@pytest.mark.parametrize(
    ("source", "needed", "gives"),
    [
        ("actor.coin", NUMBER, 2.0),
        ("[1, 2]", list_of(NUMBER), [1.0, 2.0]),
        ("target.id", ref_to("faction"), "id-knives"),
        ("actor.faction", TEXT, "id-knives"),
        ("{'a': 1}", JSON, {"a": 1}),
        ("[]", list_of(TEXT), []),
        ("{'amount': 1}", record_of(amount=NUMBER), {"amount": 1.0}),
        ("target.data.deep.er[0]", INTEGER, 1),
    ],
)
def test_a_result_is_brought_into_the_needed_form(source: str, needed: Type, gives: object) -> None:
    value = HARBOR.expression(source, needed).evaluate(EVENING)
    assert value == gives
    assert type(value) is type(gives)


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("target.data.deep.er[1]", INTEGER),
        ("target.data.deep", TEXT),
        ("[1, 'a']", list_of(INTEGER)),
        ("{'amout': 1}", record_of(amount=INTEGER)),
        ("target.data.deep.er[2]", TEXT),
        ("dyn('soon')", TIMESTAMP),
        ("dyn(1) == 1 ? dyn(1) : dyn(2)", BOOLEAN),
    ],
)
def test_a_loose_value_of_another_form_fails_when_evaluated(source: str, needed: Type) -> None:
    expression = HARBOR.expression(source, needed)
    with pytest.raises(EvaluationError):
        expression.evaluate(EVENING)


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        ("actor.friends.filter(f, f != actor.id)", list_of(ref_to("character"))),
        ("actor.friends[0]", ref_to("character")),
        ("actor.broken ? actor.faction : target.id", TEXT),
        ("actor.broken ? actor.mentor : hero.mentor", ref_to("character")),
        ("target.labels", map_of(TEXT)),
        ("target.labels.filter(l, l != 'dock')", list_of(TEXT)),
        ("target.labels.map(l, l)", list_of(TEXT)),
        ("target.data.x", JSON),
    ],
)
def test_types_are_as_exact_as_can_be(source: str, type_: Type) -> None:
    assert HARBOR.expression(source).type == type_


def test_records_of_referring_keep_their_kind_through_a_filter() -> None:
    type_ = HARBOR.expression("referring(target, 'character.faction').filter(c, c.coin > 0)").type
    assert type_.of is not None
    assert (type_.of.base, type_.of.kind) == (Base.RECORD, "character")


def test_what_is_read_and_looked_up_is_known() -> None:
    looking = "find('faction', 'name', input.name).plan > 1 && referring(target, 'character.faction').size() > 0"
    source = f"is_set(actor.mentor) && {looking}"
    expression = HARBOR.expression(source)
    assert expression.reads == {("actor", "mentor"), ("input", "name"), ("target",)}
    assert expression.lookups == {("faction", "name"), ("character", "faction")}


def test_a_source_has_a_greatest_length() -> None:
    assert "at most 2000 characters" in problems("'" + "a" * MAX_SOURCE + "'")[0].message


def test_a_path_gives_its_type() -> None:
    assert HARBOR.path("actor.faction.name") == (("actor", "faction", "name"), TEXT)
    assert HARBOR.path("target") == (("target",), entity_of("faction"))


@pytest.mark.parametrize("source", ["actor.coins", "1 + 1", "target.data.x", "size(actor.name)", "actor."])
def test_what_is_no_path_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        HARBOR.path(source)


def test_a_loop_variable_hides_a_variable_of_its_name() -> None:
    assert give("[{'coin': 5}].all(actor, actor.coin == 5) && actor.coin == 2") is True


@pytest.mark.parametrize(
    ("source", "gives"),
    [
        ("is_set(actor.coin)", True),
        ("is_set(actor.secret)", False),
        ("is_set(actor.mentor.faction)", True),
        ("is_set(actor.mentor.mentor.name)", False),
        ("is_set(target)", True),
        ("is_set(hero)", True),
        ("is_set(target.data.deep.er)", True),
        ("is_set(target.data.nope.er)", False),
        ("is_set(find('faction', 'name', 'Gulls'))", True),
        ("is_set(find('faction', 'name', 'nobody'))", False),
        ("is_set(find('faction', 'name', 'Gulls').plan)", False),
        ("is_set (\n actor.coin)", True),
        ("target.entries.filter(e, is_set(e.at)).size()", 1),
        ("actor.secret == 'x' || true", True),
        ("referring(target, 'character.faction').map(c, c.id)", ["id-mira", "id-tam"]),
        ("referring(actor.mentor.faction, 'character.faction').exists(c, c.weight > 1.9)", True),
        ("referring(find('faction', 'name', 'Knives'), 'character.faction').size()", 2),
        ("referring(target, 'character.faction').exists(c, c.joined < now)", True),
        ("find('faction', 'name', actor.faction.name).id", "id-knives"),
        ("find('faction', 'name', find('faction', 'name', input.name).name).plan", 3),
        ("sum(referring(target, 'character.faction').map(c, c.weight))", 3.5),
        ("sum(target.scores.filter(s, s > 9.0)) + 0.5", 0.5),
        ("sum(input.words.map(w, w.size()))", 2),
        ("target.days[0] > now", True),
        ("target.pace < duration('2h')", True),
        ("target.entries[0].amount + target.entries[1].amount", 5),
        ("target.labels.dock", "north"),
        ("target.labels.filter(l, l != 'north')", ["dock"]),
        ("'is_set(x) // find(' + actor.name", "is_set(x) // find(Mira"),
    ],
)
def test_forms_and_conversions_give_what_they_say(source: str, gives: object) -> None:
    assert give(source) == gives


def test_without_any_value_conditions_do_not_hold() -> None:
    assert not HARBOR.expression("actor.coin >= 0").holds(World())
