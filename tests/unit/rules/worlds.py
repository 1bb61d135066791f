"""A world in memory, for tests of the rules."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from textwrap import dedent, indent

from reality_engine.kernel.chance import ScriptedChance, SeededChance
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.rules.decide import DEFAULT_LIMITS, decide
from reality_engine.rules.decision import Accepted, Decision, Limits, Refused, Request
from reality_engine.rules.facts import WholeWorld
from reality_engine.state.entity import Entity
from reality_engine.state.fold import fold

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
GIA, PIA, BEN = (
    Principal(PrincipalKind.PERSON, f"00000000-0000-7000-8000-00000000000{n}", name)
    for n, name in (("a", "Gia"), ("b", "Pia"), ("c", "Ben"))
)
_NAMED = ("actor", "target", "occurred_at")
HEAD = """
pack: tiny
version: 1.0.0
roles: {gm: {title: Game master, sees: everything}, player: {title: Player, default: true}}
"""


@dataclass
class World:
    pack: CompiledPack
    entities: dict[str, Entity] = field(default_factory=dict)
    events: list[Accepted] = field(default_factory=list)
    moment: datetime = NOW
    limits: Limits = DEFAULT_LIMITS

    def decide(self, who: Principal, action: str, *dice: int, **parts: Plain) -> Decision:
        """Decide an action and keep what comes of it; `parts` are actor, target, occurred_at and the inputs."""
        actor, target, at = (None if (part := parts.pop(name, None)) is None else str(part) for name in _NAMED)
        request = Request(action, who, actor, target, parts, at, founding=action == "world.create")
        self.moment += timedelta(seconds=1)
        chance = ScriptedChance(dice, SeededChance(str(self.moment).encode()))
        decision = decide(self.pack, request, WholeWorld(self.pack, self.entities), self.moment, chance, self.limits)
        if isinstance(decision, Accepted):
            self.keep(decision)
        return decision

    def keep(self, accepted: Accepted) -> None:
        """Fold the events into the state, and hold the two to each other."""
        for event in accepted.events:
            self.entities.update(fold(self.entities, [each.change for each in event.changes]))
        assert {key: self.entities[key] for key in accepted.after} == accepted.after
        self.events.append(accepted)

    def do(self, who: Principal, action: str, *dice: int, **parts: Plain) -> Accepted:
        decision = self.decide(who, action, *dice, **parts)
        assert isinstance(decision, Accepted), decision
        return decision

    def refused(self, who: Principal, action: str, *dice: int, **parts: Plain) -> Refused:
        before = dict(self.entities)
        decision = self.decide(who, action, *dice, **parts)
        assert isinstance(decision, Refused), decision
        assert self.entities == before
        return decision

    def one(self, kind: str, **fields: Plain) -> Entity:
        """Return the one live entity with these fields."""
        (found,) = (
            each
            for each in self.entities.values()
            if each.kind == kind and each.live and all(each.get(name) == value for name, value in fields.items())
        )
        return found


def world_of(text: str) -> World:
    """Return a new world of a pack that has these parts; Gia is game master, Pia and Ben are players."""
    return founded(compile_source({"pack.yaml": HEAD + dedent(text)}))


def founded(pack: CompiledPack) -> World:
    world = World(pack)
    world.do(GIA, "world.create", title="Tiny")
    for player in (PIA, BEN):
        world.do(GIA, "member.add", user=player.id, name=player.name)
    return world


def acting(effects: str, fields: str = "name: text", rest: str = "", action: str = "") -> World:
    """Return a world with things that have these fields, and an action `act` on one that has these effects."""
    return world_of(
        f"""
kinds:
  thing:
    owned: true
    visible_to: [everyone]
    fields:
{indent(dedent(fields), "      ")}
actions:
  make:
    allow: "true"
    input: {{name: {{type: text, default: one}}}}
    effects: [{{create: {{kind: thing, name: made, fields: {{name: "=input.name"}}}}}}]
  act:
    target: thing
    allow: "true"
    narrative: "{{me.name}} acts on {{target.name}}"
{indent(dedent(action), "    ")}
    effects:
{indent(dedent(effects), "      ")}
{dedent(rest)}
"""
    )


def made(world: World, name: str = "one") -> str:
    """Make a thing of Pia's and return its id."""
    return world.do(PIA, "make", name=name).events[0].changes[0].change.entity
