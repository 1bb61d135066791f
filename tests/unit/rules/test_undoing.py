"""What an undo comes to, decided over a world in memory with a log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from reality_engine.eventlog.event import Event
from reality_engine.kernel.chance import SeededChance
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.rules.allowed import Allowed, Answer, allowed
from reality_engine.rules.asked import Rule
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted, Refused, Request
from reality_engine.rules.facts import WholeWorld
from reality_engine.rules.undoable import MAX_CHAIN
from reality_engine.state.entity import Entity
from reality_engine.state.fold import fold
from tests.unit.rules.worlds import GIA, HEAD, NOW, PIA

PACK = f"""{HEAD}
kinds:
  note:
    visible_to: [members]
    fields:
      name: {{type: text, required: true, personal: true, max_length: 80}}
      size: {{type: integer, default: 0}}
actions:
  write: {{allow: "true", effects: [{{create: {{kind: note, fields: {{name: a}}}}}}], visible_to: [members]}}
  end: {{target: note, allow: "true", effects: [{{delete: target}}], visible_to: [members]}}
  grow: {{target: note, allow: "true", effects: [{{add: {{target.size: 1}}}}], visible_to: [members]}}
"""


@dataclass
class Logged:
    """A world whose log is kept."""

    pack: CompiledPack
    entities: dict[str, Entity] = field(default_factory=dict)
    log: dict[str, Event] = field(default_factory=dict)

    def decide(self, who: Principal, action: str, target: str | None = None, **inputs: Plain) -> Accepted | Refused:
        request = Request(action, who, target=target, input=inputs, founding=action == "world.create")
        now = NOW + timedelta(minutes=len(self.log))
        heads = {key: event.keys for key, event in self.log.items()}
        facts, chance = WholeWorld(self.pack, self.entities, heads, self.log), SeededChance(str(now).encode())
        decision = decide(self.pack, request, facts, now, chance)
        assert isinstance(decision, Accepted | Refused)
        if isinstance(decision, Accepted):
            for draft in decision.events:
                self.entities |= fold(self.entities, [one.change for one in draft.changes])
                self.log[draft.id] = Event(
                    draft.id, len(self.log) + 1, draft.type, now, decision.events[0].id, draft.depth, "", "person",
                    who.id, None, draft.keys, action=draft.action, changes=draft.changes, data=draft.data,
                )  # fmt: skip
        return decision

    def do(self, who: Principal, action: str, target: str | None = None, **inputs: Plain) -> str:
        """Act, which must be accepted, and return the id of the event."""
        decision = self.decide(who, action, target, **inputs)
        assert isinstance(decision, Accepted), decision
        return decision.events[0].id

    def refused(self, who: Principal, event: str) -> str:
        decision = self.decide(who, "world.undo", event=event)
        assert isinstance(decision, Refused)
        return decision.code

    def note(self) -> Entity:
        return next(one for one in self.entities.values() if one.kind == "note")


@pytest.fixture
def world() -> Logged:
    made = Logged(compile_source({"pack.yaml": PACK}))
    made.do(GIA, "world.create", title="Tiny", joining="open")
    made.do(PIA, "member.join")
    made.do(PIA, "write")
    return made


def test_a_required_value_that_was_erased_stands_in_no_way(world: Logged) -> None:
    note = world.note()
    event = world.do(PIA, "grow", note.id)
    world.entities[note.id] = world.note().changed("name", None)
    world.do(GIA, "world.undo", event=event)
    assert world.note().fields == {"size": 0}


def test_what_was_deleted_since_is_left_alone(world: Logged) -> None:
    note = world.note()
    event = world.do(PIA, "grow", note.id)
    ended = world.do(PIA, "end", note.id)
    assert world.refused(GIA, event=event) == "built_upon"
    world.do(GIA, "world.undo", event=ended)
    world.do(GIA, "world.undo", event=event)
    assert world.note().fields["size"] == 0


def test_a_row_of_undos_comes_to_an_end(world: Logged) -> None:
    event = world.do(PIA, "grow", world.note().id)
    for _ in range(MAX_CHAIN):
        event = world.do(GIA, "world.undo", event=event)
    assert world.refused(GIA, event=event) == "limit_exceeded"


def test_somebody_must_manage_the_world_after_it(world: Logged) -> None:
    gia, pia = (
        next(key for key, one in world.entities.items() if one.get("user") == who.id) for who in (GIA, PIA)
    )  # fmt: skip
    raised = world.do(GIA, "member.roles", pia, roles=["gm"])
    lowered = world.do(PIA, "member.roles", gia, roles=["player"])
    assert world.refused(PIA, event=raised) == "requirement_failed"
    assert world.refused(GIA, event=lowered) == "denied"
    world.do(PIA, "world.undo", event=lowered)
    world.do(GIA, "world.undo", event=raised)
    assert _roles(world.entities, gia) == ["gm"]


def test_whether_one_may_depends_on_what_is_to_be_undone(world: Logged) -> None:
    for who in (GIA, PIA):
        facts = WholeWorld(world.pack, world.entities, {}, world.log)
        answer = allowed(world.pack, Request("world.undo", who), facts, NOW)
        assert isinstance(answer, Allowed)
        assert (answer.answer, answer.rule) == (Answer.DEPENDS, Rule.UNDO)


def _roles(entities: Mapping[str, Entity], member: str) -> Plain:
    return entities[member].get("roles")
