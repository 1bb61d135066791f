"""What always holds of decisions (P1 in memory, P7), over generated evenings in the packs that are shipped."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reality_engine.kernel.chance import SeededChance
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import ANONYMOUS, WORLD, Principal, PrincipalKind
from reality_engine.packs.compiled import CompiledPack, FieldType
from reality_engine.packs.conform import conform
from reality_engine.packs.loader import load_pack
from reality_engine.rules.allowed import Allowed, Answer, allowed
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import (
    Accepted,
    Decision,
    EntityQuestion,
    FindQuestion,
    Lacking,
    ReferringQuestion,
    Refused,
    Request,
)
from reality_engine.rules.facts import WholeWorld
from reality_engine.state.entity import Entity, unique_key
from reality_engine.state.fold import fold
from tests.known_facts import KnownFacts

ROOT: Final = Path(__file__).parents[2]
PACKS: Final = [
    load_pack(ROOT / "packs" / "commons"),
    load_pack(ROOT / "packs" / "cortex"),
    load_pack(ROOT / "packs" / "harbor"),
    load_pack(ROOT / "tests" / "unit" / "packs" / "examples" / "workshop.yaml"),
]
NOW: Final = datetime(2026, 5, 1, 18, tzinfo=UTC)
PEOPLE: Final = [Principal(PrincipalKind.PERSON, f"00000000-0000-7000-8000-00000000000{n}", n) for n in "abcd"]
ENDINGS: Final = frozenset({"world.create", "world.delete"})
EVERYBODY: Final = [*PEOPLE, WORLD, ANONYMOUS]
ODD: Final[list[Plain]] = [None, True, -3, 0, 99, 2**53 - 1, -(2**53), 1.5, "", "a{b}", "=1", "x" * 90, [], [1], {}]
NAMES: Final = ["Mira", "Tomas", "Ines"]


def value_of(kind: FieldType, dice: Random) -> Plain:
    """Return a value that fits a type more often than not."""
    if dice.random() < 0.1:
        return dice.choice(ODD)
    if kind.base == "set" and kind.of is not None:
        return [value_of(kind.of, dice) for _ in range(dice.randrange(3))]
    if kind.base == "integer":
        return dice.randint(int(kind.minimum or 0), int(kind.maximum or 6))
    fitting: dict[str, Plain] = {
        "text": dice.choice([*NAMES, *(person.id for person in PEOPLE)]),
        "enum": dice.choice(kind.values or ("none",)),
        "boolean": dice.random() < 0.5,
    }
    return fitting.get(kind.base)


@dataclass
class Evening:
    """A world that is played, with every promise checked after every move."""

    pack: CompiledPack
    entities: dict[str, Entity] = field(default_factory=dict)
    moment: datetime = NOW

    def request(self, dice: Random) -> Request:
        """Make up a wish: mostly to do what one may, sometimes anything."""
        core = dice.random() < 0.1
        action = dice.choice(
            [each for name, each in self.pack.actions.items() if each.core is core and name not in ENDINGS]
        )
        actor = self.chosen(action.actor, dice) if action.actor or dice.random() < 0.05 else None
        target = self.chosen(action.target, dice) if action.target or dice.random() < 0.05 else None
        inputs = {
            spec.name: self.chosen(spec.value.kind, dice) if spec.value.base == "ref" else value_of(spec.value, dice)
            for spec in action.inputs.values()
            if spec.required or dice.random() < 0.5
        }
        owned = self.entities.get(actor or target or "")
        likely = [person for person in PEOPLE if owned and person.id == owned.owner] or PEOPLE[:3]
        who = dice.choice(likely if dice.random() < 0.8 else EVERYBODY)
        return Request(action.name, who, actor, target, inputs)

    def chosen(self, kind: str | None, dice: Random) -> str:
        """Name something of the right kind, or sometimes anything or nothing."""
        fitting = [key for key, each in self.entities.items() if each.kind == kind]
        odd = not fitting or dice.random() < 0.1
        return dice.choice([*self.entities, "garbage", PEOPLE[0].id] if odd else fitting)

    def play(self, request: Request, seed: bytes) -> None:
        self.moment += timedelta(seconds=1)
        facts = WholeWorld(self.pack, dict(self.entities))
        decision = decide(self.pack, request, facts, self.moment, SeededChance(seed))
        assert decision == decide(self.pack, request, facts, self.moment, SeededChance(seed))
        assert decision == self.step_by_step(request, facts, seed)
        self.check_allowed(request, facts, decision)
        if isinstance(decision, Accepted):
            self.keep(decision)

    def step_by_step(self, request: Request, whole: WholeWorld, seed: bytes) -> Decision:
        """Decide with facts that are loaded only as they are asked for."""
        known = KnownFacts()
        while isinstance(decision := decide(self.pack, request, known, self.moment, SeededChance(seed)), Lacking):
            assert decision.questions
            for question in decision.questions:
                if isinstance(question, EntityQuestion):
                    assert question.id not in known.entities
                    known.entities[question.id] = whole.entity(question.id)
                elif isinstance(question, FindQuestion):
                    known.finds[question] = whole.find(question.kind, question.field, question.key)
                elif isinstance(question, ReferringQuestion):
                    known.references[question] = whole.referring(question.entity, question.kind, question.field)
        return decision

    def check_allowed(self, request: Request, facts: WholeWorld, decision: Decision) -> None:
        if request.founding:
            return
        answer = allowed(self.pack, request, facts, self.moment)
        assert isinstance(answer, Allowed)
        if isinstance(decision, Accepted):
            assert answer.answer is Answer.YES
        elif not isinstance(decision, Refused) or decision.code in ("denied", "requirement_failed"):
            assert answer.answer is not Answer.YES

    def keep(self, accepted: Accepted) -> None:
        """Fold the events, and hold what comes of it to what the decision says and to what the kinds say."""
        state = dict(self.entities)
        for number, event in enumerate(accepted.events):
            assert event.cause is None if number == 0 else (event.cause is not None and event.cause < number)
            assert event.depth == (0 if event.cause is None else accepted.events[event.cause].depth + 1)
            state |= fold(state, [each.change for each in event.changes])
        assert {key: state[key] for key in accepted.after} == accepted.after
        assert {key: self.entities.get(key) for key in accepted.before} == accepted.before
        self.entities = state
        self.check_state()

    def check_state(self) -> None:
        taken: set[tuple[str, str, str]] = set()
        for entity in self.entities.values():
            for name, value in entity.fields.items():
                spec = self.pack.kinds[entity.kind].fields[name]
                assert conform(value, spec.value) == value
                if spec.unique and entity.live:
                    assert (entity.kind, name, unique_key(value)) not in taken
                    taken.add((entity.kind, name, unique_key(value)))
            if entity.live:
                required = [name for name, spec in self.pack.kinds[entity.kind].fields.items() if spec.required]
                assert set(required) <= set(entity.fields)
        managing = [each for each in self.entities.values() if each.live and each.get("manages") == WORLD_ENTITY]
        assert managing, "somebody always manages the world"


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
@settings(max_examples=30, deadline=None)
@given(seeds=st.lists(st.integers(0, 2**32), min_size=1, max_size=60))
def test_an_evening_keeps_every_promise(pack: CompiledPack, seeds: list[int]) -> None:
    evening = Evening(pack)
    evening.play(Request("world.create", PEOPLE[0], input={"title": "Here", "joining": "open"}, founding=True), b"")
    roles = [role.name for role in pack.roles.values()]
    for person, role in zip(PEOPLE[1:3], roles[1:] * 2, strict=False):
        evening.play(Request("member.add", PEOPLE[0], input={"user": person.id, "name": "n", "roles": [role]}), b"")
    for seed in seeds:
        evening.play(evening.request(Random(seed)), str(seed).encode())
