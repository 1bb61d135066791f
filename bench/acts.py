"""Worlds in memory in which one action is about to be decided, with all the facts it will ask for; measures nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from reality_engine.kernel.chance import SeededChance
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import load_pack
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import (
    Accepted,
    EntityQuestion,
    EventQuestion,
    FindQuestion,
    Lacking,
    Question,
    ReferringQuestion,
    Request,
)
from reality_engine.rules.facts import WholeWorld
from reality_engine.state.entity import Entity
from reality_engine.state.fold import fold
from tests.known_facts import KnownFacts

ROOT: Final = Path(__file__).parents[1]
NOW: Final = datetime(2026, 5, 1, 18, 0, 0, 123456, tzinfo=UTC)
KEEPER, PLAYER = (
    Principal(PrincipalKind.PERSON, f"01890000-0000-7000-8000-00000000000{n}", name, f"session-{n}")
    for n, name in ((1, "Gia"), (2, "Pia"))
)
# A value, or `@kind` for the id of the newest entity of that kind.
Inputs: TypeAlias = Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does; `actor` and `target` are kinds, of which the newest entity is meant."""

    who: Principal
    action: str
    input: Inputs = field(default_factory=dict)
    actor: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """An act that is measured, in a world of a pack after some others; it is not carried out."""

    pack: str
    before: tuple[Act, ...]
    act: Act


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that can be decided without asking for more."""

    pack: CompiledPack
    request: Request
    facts: KnownFacts


_JOINED: Final = (
    Act(KEEPER, "world.create", {"title": "Here", "joining": "open"}),
    Act(PLAYER, "member.join"),
)
_EFFORT: Final[Inputs] = {"effort": 1}
_SETTLED: Final = (*_JOINED, Act(PLAYER, "settle", {"name": "Mira", "band": "@band"}))
_PATCH: Final[Inputs] = {"names": ["The Marsh"], "stock": 20, "capacity": 200}
_GATHER: Final = Act(PLAYER, "gather", _EFFORT, "gatherer", "patch")

SCENES: Final[Mapping[str, Scene]] = {
    "advance_plan": Scene(
        "packs/harbor",
        (*_JOINED, Act(PLAYER, "join_as", {"name": "Mira", "faction": "@faction"})),
        Act(PLAYER, "advance_plan", _EFFORT, "character", "faction"),
    ),
    "gather": Scene("packs/commons", _SETTLED, _GATHER),
    # The same where the patch runs short by it: a reaction, and an event that the reaction emits.
    "gather_short": Scene("packs/commons", (*_SETTLED, Act(KEEPER, "found_patches", _PATCH)), _GATHER),
}


def prepared(scene: Scene) -> Prepared:
    """Play what comes before, and gather the facts that the act will ask for."""
    pack = load_pack(ROOT / scene.pack)
    entities: dict[str, Entity] = {}
    for number, act in enumerate(scene.before):
        entities |= _done(pack, entities, act, NOW - timedelta(hours=1) + timedelta(minutes=number))
    return Prepared(pack, *_known(pack, entities, _request(scene.act, entities)))


def _done(pack: CompiledPack, entities: dict[str, Entity], act: Act, now: datetime) -> dict[str, Entity]:
    chance = SeededChance(str(now).encode())
    done = decide(pack, _request(act, entities), WholeWorld(pack, entities), now, chance)
    if not isinstance(done, Accepted):
        raise TypeError(f"{act.action}: {done}")
    state = dict(entities)
    for event in done.events:
        state |= fold(state, [one.change for one in event.changes])
    return state


def _request(act: Act, entities: Mapping[str, Entity]) -> Request:
    inputs = {name: _meant(value, entities) for name, value in act.input.items()}
    actor, target = (None if kind is None else _newest(kind, entities) for kind in (act.actor, act.target))
    return Request(act.action, act.who, actor, target, inputs, founding=act.action == "world.create")


def _meant(value: Plain, entities: Mapping[str, Entity]) -> Plain:
    return _newest(value[1:], entities) if isinstance(value, str) and value.startswith("@") else value


def _newest(kind: str, entities: Mapping[str, Entity]) -> str:
    return max(key for key, entity in entities.items() if entity.kind == kind)


def _known(pack: CompiledPack, entities: Mapping[str, Entity], request: Request) -> tuple[Request, KnownFacts]:
    whole, known = WholeWorld(pack, entities), KnownFacts()
    while isinstance(lack := decide(pack, request, known, NOW, SeededChance(b"")), Lacking):
        for question in lack.questions:
            _answer(known, whole, question)
    return request, known


def _answer(known: KnownFacts, whole: WholeWorld, question: Question) -> None:
    if isinstance(question, EntityQuestion):
        known.entities[question.id] = whole.entity(question.id)
    elif isinstance(question, EventQuestion):
        known.events[question.id] = whole.event(question.id)
    elif isinstance(question, FindQuestion):
        known.finds[question] = whole.find(question.kind, question.field, question.key)
    elif isinstance(question, ReferringQuestion):
        known.references[question] = whole.referring(question.entity, question.kind, question.field)
