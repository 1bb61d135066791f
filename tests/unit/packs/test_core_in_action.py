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
CEM = Principal(PrincipalKind.PERSON, "00000000-0000-7000-8000-00000000000c", "c")
PACK = "{pack: tiny, version: 1.0.0, roles: {gm: {admin: true}, player: {default: true}}}"


@dataclass
class World:
    pack: CompiledPack
    entities: dict[str, Entity] = field(default_factory=dict)

    def do(self, who: Principal, action: str, target: Principal | None = None, **inputs: Plain) -> str:
        """Perform an action and say `accepted`, or the code of the refusal."""
        member = self.member(target).id if target else None
        return self.ask(Request(action, who, target=member, input=inputs, founding=action == "world.create"))

    def accept(self, who: Principal, **inputs: Plain) -> str:
        """Accept the one invite, as the server's own route does."""
        (invite,) = self.live("invite")
        return self.ask(Request("member.accept", who, target=invite.id, input=inputs, vouched=True))

    def ask(self, request: Request) -> str:
        """Decide a request, and say `accepted`, or the code of the refusal."""
        chance = SeededChance(f"{len(self.entities)}".zfill(32).encode())
        decision = decide(self.pack, request, WholeWorld(self.pack, self.entities), NOW, chance)
        if isinstance(decision, Accepted):
            self.entities.update(decision.after)
            return "accepted"
        assert isinstance(decision, Refused)
        return decision.code

    def member(self, user: Principal) -> Entity:
        return next(each for each in self.live("member") if each.get("user") == user.id)

    def live(self, kind: str) -> list[Entity]:
        return [each for each in self.entities.values() if each.kind == kind and each.live]


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


def test_who_accepts_an_invite_has_its_roles_and_it_is_used_up(world: World) -> None:
    assert world.do(BOB, "member.invite") == "denied"
    assert world.do(ADA, "member.invite", roles=["gm"], uses=2) == "accepted"
    assert world.accept(BOB) == "accepted"
    assert world.member(BOB).get("roles") == ["gm"]
    assert world.member(BOB).get("manages") is not None
    assert world.accept(BOB) == "denied"
    assert world.accept(CEM) == "accepted"
    assert world.live("invite") == []


def test_an_invite_is_accepted_by_the_servers_own_route_alone(world: World) -> None:
    world.do(ADA, "member.invite")
    (invite,) = world.live("invite")
    assert world.ask(Request("member.accept", BOB, target=invite.id)) == "unknown_action"
    assert world.ask(Request("member.join", BOB, vouched=True)) == "unknown_action"


@pytest.mark.parametrize(
    ("invite", "given", "outcome"),
    [
        ({"expires_at": "2026-05-01T18:00:01Z"}, {}, "accepted"),
        ({"expires_at": "2026-05-01T18:00:00Z"}, {}, None),
        ({"address": "d1"}, {}, "requirement_failed"),
        ({"address": "d1"}, {"address": "d2"}, "requirement_failed"),
        ({"address": "d1"}, {"address": "d1"}, "accepted"),
        ({"uses": 0}, {}, None),
    ],
)
def test_an_invite_holds_for_whom_and_while_it_says(
    world: World, invite: dict[str, Plain], given: dict[str, Plain], outcome: str | None
) -> None:
    made = world.ask(Request("member.invite", ADA, input=invite))
    assert (made != "accepted") if outcome is None else world.accept(BOB, **given) == outcome


def test_an_invite_that_was_taken_back_is_accepted_no_more(world: World) -> None:
    world.do(ADA, "member.invite")
    (invite,) = world.live("invite")
    assert world.ask(Request("invite.revoke", BOB, target=invite.id)) == "denied"
    assert world.ask(Request("invite.revoke", ADA, target=invite.id)) == "accepted"
    assert world.ask(Request("member.accept", BOB, target=invite.id, vouched=True)) == "not_found"


def test_who_is_banned_is_out_and_comes_in_by_no_door(world: World) -> None:
    world.do(BOB, "member.join")
    assert world.do(BOB, "member.ban", user=CEM.id) == "denied"
    assert world.do(ADA, "member.ban", user=ADA.id) == "requirement_failed"
    assert world.do(ADA, "member.ban", user=BOB.id, reason="shouting") == "accepted"
    assert [each.get("user") for each in world.live("member")] == [ADA.id]
    world.do(ADA, "member.invite")
    assert world.do(BOB, "member.join") == "banned"
    assert world.accept(BOB) == "banned"
    assert world.do(ADA, "member.add", user=BOB.id) == "requirement_failed"
    assert world.do(ADA, "member.ban", user=BOB.id) == "requirement_failed"
    (ban,) = world.live("ban")
    assert world.ask(Request("member.unban", BOB, target=ban.id)) == "denied"
    assert world.ask(Request("member.unban", ADA, target=ban.id)) == "accepted"
    assert world.do(BOB, "member.join") == "accepted"


def test_who_never_came_can_be_banned(world: World) -> None:
    assert world.do(ADA, "member.ban", user=CEM.id) == "accepted"
    assert world.do(CEM, "member.join") == "banned"


def test_who_hands_the_world_over_manages_it_no_more(world: World) -> None:
    world.do(BOB, "member.join")
    assert world.do(BOB, "world.transfer", BOB) == "denied"
    assert world.do(ADA, "world.transfer", ADA) == "requirement_failed"
    assert world.do(ADA, "world.transfer", BOB, roles=["gm"]) == "requirement_failed"
    assert world.do(ADA, "world.transfer", BOB) == "accepted"
    assert [world.member(who).get("roles") for who in (ADA, BOB)] == [["player"], ["gm", "player"]]
    assert world.do(ADA, "world.configure", title="Mine") == "denied"
    assert world.do(BOB, "member.remove", BOB) == "requirement_failed"
    assert world.do(ADA, "member.leave") == "accepted"


def test_the_last_who_manages_the_world_does_not_leave(world: World) -> None:
    world.do(BOB, "member.join")
    assert world.do(ADA, "member.leave") == "requirement_failed"
    world.do(ADA, "member.roles", BOB, roles=["gm"])
    assert world.do(ADA, "member.leave") == "accepted"
    assert world.do(ADA, "member.leave") == "denied"
