from dataclasses import replace

import pytest

from reality_engine.kernel.chance import SeededChance
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import ANONYMOUS, WORLD, Principal, PrincipalKind
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import (
    Accepted,
    Deferred,
    EntityQuestion,
    FindQuestion,
    Lacking,
    Limits,
    ReferringQuestion,
    Refused,
    Request,
)
from reality_engine.rules.facts import WholeWorld
from tests.known_facts import KnownFacts
from tests.unit.rules.worlds import BEN, GIA, NOW, PIA, World, acting, made, world_of

STRANGER = Principal(PrincipalKind.PERSON, "00000000-0000-7000-8000-00000000000f", "Stranger")
NOWHERE = "00000000-0000-7000-8000-0000000000ff"

ASKED = """
input:
  effort: {type: integer, min: 1, max: 3, default: 1}
  note: {type: text, max_length: 5, required: false}
  to: {type: ref, kind: thing, required: false}
require:
  - {that: "input.effort < 3", else: "{target.name} is too much"}
  - {that: "!is_set(input.note)", else: Say nothing}
occurred_at: true
"""


@pytest.fixture
def asked() -> World:
    return acting("- set: {target.name: '=string(input.effort)'}", action=ASKED)


def test_a_founding_makes_the_world_its_creator_and_the_seeds() -> None:
    world = world_of("""
    kinds: {place: {owned: true, fields: {name: text, mine: boolean}}}
    seeds: [{create: {kind: place, fields: {name: "=world.title", mine: =me.admin}}}]
    """)
    place = world.one("place")
    assert (place.get("name"), place.get("mine"), place.owner) == ("Tiny", True, GIA.id)
    assert world.one("member", user=GIA.id).get("manages") == WORLD_ENTITY
    assert world.one("member", user=GIA.id).get("name") == "Gia"
    assert sum(each.kind == "member" for each in world.entities.values()) == 3


def test_a_world_that_the_system_makes_has_no_members() -> None:
    pack = world_of("").pack
    request = Request("world.create", WORLD, input={"title": "Empty"}, founding=True)
    decision = decide(pack, request, WholeWorld(pack, {}), NOW, SeededChance(b""))
    assert isinstance(decision, Accepted)
    assert list(decision.after) == [WORLD_ENTITY]


def test_nobody_can_ask_for_a_founding(asked: World) -> None:
    decision = decide(
        asked.pack,
        Request("world.create", GIA, input={"title": "x"}),
        WholeWorld(asked.pack, {}),
        NOW,
        SeededChance(b""),
    )
    assert isinstance(decision, Refused)
    assert decision.code == "unknown_action"


def test_the_nearest_action_is_told(asked: World) -> None:
    refused = asked.refused(PIA, "actt")
    assert refused.problems[0].hint == "did you mean 'act'?"


@pytest.mark.parametrize("who", [STRANGER, ANONYMOUS])
def test_only_members_act_and_others_learn_nothing_of_their_input(asked: World, who: Principal) -> None:
    assert asked.refused(who, "make", nonsense=1).code == "denied"


def test_the_world_itself_may_act() -> None:
    assert world_of("actions: {tick: {allow: \"me.kind == 'world'\"}}").do(WORLD, "tick").events[0].keys == frozenset()


def test_every_wrong_input_is_told_at_once(asked: World) -> None:
    refused = asked.refused(PIA, "act", target=made(asked), effort=9, note="too long", efort=1)
    assert refused.code == "invalid_input"
    assert {(each.code, each.field, each.hint) for each in refused.problems} == {
        ("invalid_input", "input.effort", None),
        ("invalid_input", "input.note", None),
        ("unknown_field", "input.efort", "did you mean 'effort'?"),
    }


def test_every_unmet_requirement_is_told(asked: World) -> None:
    refused = asked.refused(PIA, "act", target=made(asked), effort=3, note="x")
    assert refused.code == "requirement_failed"
    assert [each.message for each in refused.problems] == ["one is too much", "Say nothing"]


def test_defaults_stand_in_and_are_recorded(asked: World) -> None:
    assert asked.do(PIA, "act", target=made(asked)).events[0].input == {"effort": 1}


@pytest.mark.parametrize(("field", "value"), [("target", "garbage"), ("target", NOWHERE), ("to", NOWHERE)])
def test_what_is_not_there_is_not_found(asked: World, field: str, value: str) -> None:
    parts = {"target": made(asked), field: value}
    assert asked.refused(PIA, "act", **parts).code == "not_found"


def test_what_is_hidden_is_not_there(asked: World) -> None:
    thing = made(asked)
    request = Request("act", PIA, target=thing, hidden=frozenset({thing}))
    decision = decide(asked.pack, request, WholeWorld(asked.pack, asked.entities), NOW, SeededChance(b""))
    missing = decide(asked.pack, replace(request, target=NOWHERE), WholeWorld(asked.pack, {}), NOW, SeededChance(b""))
    assert isinstance(decision, Refused)
    assert decision.code == "not_found"
    assert isinstance(missing, Refused)


def test_an_action_without_its_target_says_what_it_needs(asked: World) -> None:
    assert asked.refused(PIA, "act").problems[0].field == "target"
    assert asked.refused(PIA, "make", target=made(asked)).problems[0].code == "unknown_field"


def test_when_it_happened_is_kept_where_the_action_takes_it(asked: World) -> None:
    thing = made(asked)
    event = asked.do(PIA, "act", target=thing, occurred_at="2020-01-01T01:00:00+01:00").events[0]
    assert event.occurred_at == "2020-01-01T00:00:00.000000Z"
    assert asked.refused(PIA, "act", target=thing, occurred_at="yesterday").problems[0].field == "occurred_at"
    assert asked.refused(PIA, "make", occurred_at="2020-01-01T00:00:00Z").code == "invalid_input"


def test_an_actor_is_ones_own() -> None:
    world = acting("- set: {target.name: =actor.name}", action="actor: thing")
    thing = made(world)
    world.do(PIA, "act", actor=thing, target=thing)
    assert world.refused(BEN, "act", actor=thing, target=thing).code == "denied"
    assert world.refused(PIA, "act", target=thing).problems[0].field == "actor"


def test_an_action_that_needs_approval_is_deferred() -> None:
    world = acting(
        "- delete: target",
        action="input: {n: {type: integer, default: 1}}\napproval: {by: gm, unless: 'input.n == 1'}",
    )
    thing = made(world)
    assert world.decide(PIA, "act", target=thing, n=2) == Deferred(frozenset({"gm"}))
    world.do(PIA, "act", target=thing)


REACTING = """
reactions:
  first:
    to: {event: thing.a}
    effects: [{emit: {type: thing.c, visible_to: [gm], about: entity}}]
  second:
    to: {event: thing.a}
    when: event.data.n > 1
    effects: [{set: {entity.name: "=event.type"}}]
    visible_to: [owner of entity]
    narrative: "{me.name} was heard by {entity.name}"
    discloses: [event]
  third:
    to: {event: thing.b}
  fourth:
    to: {event: thing.c}
  after_act:
    to: {action: act}
    effects: [{set: {target.name: "=input.word + event.type"}}]
"""


def test_reactions_run_breadth_first_and_in_the_order_of_the_pack() -> None:
    world = acting(
        """
        - emit: {type: thing.a, visible_to: [gm], about: target, data: {n: =input.n}}
        - emit: {type: thing.b, visible_to: [gm]}
        """,
        rest=REACTING,
        action="input: {n: integer, word: text}",
    )
    thing = made(world)
    events = world.do(PIA, "act", target=thing, n=2, word="w").events
    assert [(each.type, each.depth, each.cause) for each in events] == [
        ("act", 0, None),
        ("thing.a", 1, 0),
        ("thing.b", 1, 0),
        ("after_act", 1, 0),
        ("first", 2, 1),
        ("thing.c", 3, 4),
        ("second", 2, 1),
        ("third", 2, 2),
        ("fourth", 4, 5),
    ]
    assert [each.rule for each in events if each.rule] == ["after_act", "first", "second", "third", "fourth"]
    assert events[6].keys == {f"user:{PIA.id}"}
    assert events[6].narrative is not None
    assert events[6].narrative.arguments == {"0": "Pia", "1": "thing.a"}
    assert len(world.do(PIA, "act", target=thing, n=1, word="w").events) == 8


ENDLESS = """
reactions:
  again: {to: {event: thing.a}, when: "true", effects: [{emit: {type: thing.a, visible_to: [gm]}}]}
"""
LOOP = "- for_each: {item: n, in: '=[1, 2, 3]', do: [{for_each: {item: m, in: '=[1, 2, 3]', do: [%s]}}]}"


@pytest.mark.parametrize(
    ("effects", "limits", "told"),
    [
        ("- emit: {type: thing.a, visible_to: [gm]}", Limits(), "steps of reaction"),
        ("- emit: {type: thing.a, visible_to: [gm]}", Limits(depth=10_000), "256 events"),
        (LOOP % "{set: {target.name: x}}", Limits(evaluations=12), "12 steps"),
        ("- roll: {name: luck, dice: 100d6}", Limits(evaluations=50), "50 steps"),
        ("- set: {target.name: x}\n- create: {kind: thing}", Limits(changes=2), "2 changes"),
    ],
)
def test_beyond_a_limit_the_whole_action_is_refused(effects: str, limits: Limits, told: str) -> None:
    world = acting(effects, rest=ENDLESS)
    thing = made(world)
    world.limits = limits
    refused = world.refused(PIA, "act", target=thing)
    assert refused.code == "limit_exceeded"
    assert told in refused.message


COMPUTED = """
name: text
count: integer
double: {type: integer, computed: "self.count * 2"}
big: {type: boolean, computed: "self.double > 6"}
"""


def test_computed_fields_follow_and_have_no_value_while_what_they_read_has_none() -> None:
    world = acting("- set: {target.count: '=input.n'}", COMPUTED, action="input: {n: integer}")
    thing = made(world)
    assert dict(world.one("thing").fields) == {"name": "one"}
    changes = world.do(PIA, "act", target=thing, n=4).events[0].changes
    assert [(each.change.field, each.change.after) for each in changes] == [("count", 4), ("double", 8), ("big", True)]


def test_an_invariant_holds_at_the_end_for_everything_touched() -> None:
    world = acting(
        "- set: {target.count: '=input.n - 5'}\n- add: {target.count: 5}",
        "name: text\ncount: {type: integer, default: 0}",
        action="input: {n: integer}",
        rest="",
    )
    kind = world.pack.kinds["thing"]
    assert kind.invariants == ()
    strict = world_of("""
    kinds:
      thing:
        visible_to: [everyone]
        fields: {name: text, count: {type: integer, default: 0}}
        invariants: [{that: "self.count >= 0", else: "{self.name} owes {self.count}"}]
    actions:
      make: {allow: "true", effects: [{create: {kind: thing, fields: {name: one}}}]}
      act:
        target: thing
        input: {n: integer}
        allow: "true"
        effects: [{set: {target.count: "=input.n - 5"}}, {add: {target.count: 5}}]
    """)
    thing = strict.do(PIA, "make").events[0].changes[0].change.entity
    strict.do(PIA, "act", target=thing, n=1)
    refused = strict.refused(PIA, "act", target=thing, n=-1)
    assert (refused.code, refused.message) == ("invariant_broken", "one owes -1")


def test_the_same_chance_decides_the_same() -> None:
    world = acting("- roll: {name: luck, dice: 5d1000}\n- create: {kind: thing}")
    request = Request("act", PIA, target=made(world))
    facts = WholeWorld(world.pack, world.entities)
    once, again, other = (decide(world.pack, request, facts, NOW, SeededChance(seed)) for seed in (b"a", b"a", b"b"))
    assert once == again
    assert once != other


def test_a_decision_asks_for_what_it_lacks() -> None:
    world = acting("- set: {target.name: x}")
    pack, thing = world.pack, made(world)
    facts = KnownFacts()
    decision = decide(pack, Request("act", PIA, target=thing), facts, NOW, SeededChance(b""))
    assert isinstance(decision, Lacking)
    (question,) = decision.questions
    assert isinstance(question, FindQuestion)
    facts.finds[question] = None
    assert isinstance(decide(pack, Request("act", PIA, target=thing), facts, NOW, SeededChance(b"")), Refused)


def test_a_loop_asks_for_all_its_items_lack_at_once() -> None:
    world = acting(
        "- for_each: {item: other, in: =target.friends, do: [{set: {other.name: x}}]}",
        "name: text\nfriends: {type: list, of: {type: ref, kind: thing}}",
    )
    one, *others = (made(world, name) for name in ("one", "two", "three", "four"))
    world.entities[one] = world.entities[one].changed("friends", list(others))
    member = world.one("member", user=PIA.id)
    facts = KnownFacts({one: world.entities[one], member.id: member})
    request = Request("act", PIA, target=one)
    lacking = decide(world.pack, request, facts, NOW, SeededChance(b""))
    assert isinstance(lacking, Lacking)
    assert isinstance(lacking.questions[0], FindQuestion)
    facts.finds[lacking.questions[0]] = member.id
    lacking = decide(world.pack, request, facts, NOW, SeededChance(b""))
    assert isinstance(lacking, Lacking)
    assert set(lacking.questions) == {EntityQuestion(other) for other in others}


def test_referring_asks_for_all_entities_at_once() -> None:
    world = acting(
        "- for_each: {item: other, in: \"=referring(target, 'thing.friend')\", do: [{delete: other}]}",
        "name: text\nfriend: {type: ref, kind: thing}",
    )
    one, *others = (made(world, name) for name in ("one", "two", "three"))
    for other in others:
        world.entities[other] = world.entities[other].changed("friend", one)
    whole, facts = WholeWorld(world.pack, world.entities), KnownFacts()
    rounds = 0
    while isinstance(
        decision := decide(world.pack, Request("act", PIA, target=one), facts, NOW, SeededChance(b"")), Lacking
    ):
        rounds += 1
        for question in decision.questions:
            if isinstance(question, EntityQuestion):
                facts.entities[question.id] = whole.entity(question.id)
            elif isinstance(question, FindQuestion):
                facts.finds[question] = whole.find(question.kind, question.field, question.key)
            elif isinstance(question, ReferringQuestion):
                facts.references[question] = whole.referring(question.entity, question.kind, question.field)
    assert isinstance(decision, Accepted)
    assert rounds == 5
