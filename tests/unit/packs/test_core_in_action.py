"""What the core pack's rules do, decided over a world in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from reality_engine.kernel.chance import SeededChance
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted, Refused, Request
from reality_engine.rules.facts import WholeWorld
from reality_engine.state.entity import Entity

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
ADA, BOB = (Principal(PrincipalKind.PERSON, f"00000000-0000-7000-8000-00000000000{n}", n) for n in "ab")
PACK = "{pack: tiny, version: 1.0.0, roles: {gm: {admin: true}, player: {default: true}}}"


@dataclass
class World:
    pack: CompiledPack
    entities: dict[str, Entity] = field(default_factory=dict)

    def do(self, who: Principal, action: str, target: Principal | None = None, **inputs: Plain) -> str:
        """Perform an action and say `accepted`, or the code of the refusal."""
        member = self.member(target).id if target else None
        request = Request(action, who, target=member, input=inputs, founding=action == "world.create")
        chance = SeededChance(f"{len(self.entities)}".zfill(32).encode())
        decision = decide(self.pack, request, WholeWorld(self.pack, self.entities), NOW, chance)
        if isinstance(decision, Accepted):
            self.entities.update(decision.after)
            return "accepted"
        assert isinstance(decision, Refused)
        return decision.code

    def member(self, user: Principal) -> Entity:
        return next(each for each in self.entities.values() if each.get("user") == user.id and each.live)


@pytest.fixture
def world() -> World:
    made = World(compile_source({"pack.yaml": PACK}))
    assert made.do(ADA, "world.create", title="Tiny", joining="open") == "accepted"
    return made


def test_the_creator_manages_the_world(world: World) -> None:
    assert world.member(ADA).get("roles") == ["gm"]
    assert world.do(ADA, "world.configure", title="Huge") == "accepted"
    assert world.do(BOB, "world.configure", title="Mine") != "accepted"


def test_a_world_that_is_open_can_be_joined_once(world: World) -> None:
    assert world.do(BOB, "member.join") == "accepted"
    assert world.member(BOB).get("roles") == ["player"]
    assert world.do(BOB, "member.join") == "denied"


def test_a_closed_world_cannot_be_joined(world: World) -> None:
    assert world.do(ADA, "world.configure", joining="closed") == "accepted"
    assert world.do(BOB, "member.join") == "denied"
    assert world.do(ADA, "member.add", user=BOB.id) == "accepted"
    assert world.do(ADA, "member.add", user=BOB.id) == "requirement_failed"


def test_members_cannot_give_themselves_roles(world: World) -> None:
    world.do(BOB, "member.join")
    assert world.do(BOB, "member.roles", BOB, roles=["gm"]) == "denied"
    assert world.do(ADA, "member.roles", BOB, roles=["none"]) == "invalid_input"


def test_the_last_who_manages_stays(world: World) -> None:
    world.do(BOB, "member.join")
    assert world.do(ADA, "member.remove", ADA) == "requirement_failed"
    assert world.do(ADA, "member.roles", ADA, roles=["player"]) == "requirement_failed"
    assert world.do(ADA, "member.roles", BOB, roles=["gm", "player"]) == "accepted"
    assert world.do(ADA, "member.roles", ADA, roles=["player"]) == "accepted"
    assert world.do(BOB, "member.remove", BOB) == "requirement_failed"
    assert world.do(BOB, "member.remove", ADA) == "accepted"


def test_members_may_leave(world: World) -> None:
    world.do(BOB, "member.join")
    assert world.do(BOB, "member.remove", ADA) == "denied"
    assert world.do(BOB, "member.remove", BOB) == "accepted"
    assert world.do(BOB, "member.join") == "accepted"
