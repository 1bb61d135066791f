"""A living world goes on under another version of its pack, whole at every moment, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reality_engine.actions.wish import Wish
from reality_engine.eventlog.ruling import pack_at
from reality_engine.kernel.principal import Principal
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.rebuild import Rebuilding, Sizes, rebuild
from reality_engine.rules.decision import Request
from reality_engine.state.entity import Entity
from reality_engine.state.models import PastFacetRow
from reality_engine.upgrading.problems import UpgradeRefusedError
from reality_engine.visibility.entities import list_entities
from reality_engine.visibility.events import feed_page
from reality_engine.visibility.viewer import viewer_of
from reality_engine.worlds import service as worlds
from tests.properties.stage import HARBOR, Stage, staged
from tests.tables import dump_world
from tests.upgrades import changed, stored, upgraded

LUCK = {
    "stress:  {type: meter, max: 9}": "stress:  {type: meter, max: 9}\n"
    "      luck: {type: integer, required: true, default: 1}",
    "\nactions:\n": '\nactions:\n  wish:\n    actor: character\n    allow: "actor.luck > 0"\n'
    "    effects: [{add: {actor.luck: -1}}]\n    visible_to: [everyone]\n",
}
LUCKY = "upgrades: [{from: 1.0.0, default: {character.luck: 3}}]"

FLEET = """
pack: fleet
version: 1.0.0
roles:
  captain: {sees: everything}
  sailor: {default: true}
  cook: {}
kinds:
  ship:
    visible_to: [members]
    group: {through: hand.ship}
    fields:
      name: {type: text, max_length: 80, required: true, unique: true}
      course: {type: text, visible_to: [group, captain]}
      log: {type: text, visible_to: [cook]}
  hand:
    owned: true
    visible_to: [members]
    fields:
      ship: {type: ref, kind: ship}
      name: {type: text, max_length: 80, required: true}
      age: {type: integer}
      debt: {type: integer, default: 4, visible_to: [owner]}
  barrel:
    visible_to: [members]
    fields: {weight: {type: integer, default: 3}}
actions:
  sign_on:
    input: {name: {type: text, max_length: 80}, ship: {type: ref, kind: ship}}
    allow: me.member
    effects: [{create: {kind: hand, name: new, fields: {name: "=input.name", ship: "=input.ship"}}}]
    visible_to: [members]
  steer:
    target: ship
    input: {course: {type: text}}
    allow: me.admin
    effects: [{set: {target.course: "=input.course", target.log: "=input.course"}}]
    visible_to: [members]
seeds:
  - create: {kind: ship, fields: {name: Argo, course: north, log: fish}}
  - create: {kind: barrel, fields: {}}
  - create: {kind: barrel, fields: {weight: 5}}
"""
NEW = """
pack: fleet
version: 2.0.0
roles:
  master: {sees: everything}
  sailor: {default: true}
kinds:
  vessel:
    visible_to: [members]
    group: {through: hand.vessel}
    fields:
      name: {type: text, max_length: 80, required: true, unique: true}
      heading: {type: text, visible_to: [master]}
      log: {type: text, visible_to: [master]}
  hand:
    owned: true
    visible_to: [members]
    fields:
      vessel: {type: ref, kind: vessel}
      first: {type: text, required: true}
      rest: {type: text, required: true}
      debt: {type: integer, default: 4, visible_to: [owner]}
      twice: {type: integer, visible_to: [owner]}
      poor: {type: boolean, computed: "self.debt > 2", visible_to: [owner]}
actions:
  steer:
    target: vessel
    input: {course: {type: text}}
    allow: me.admin
    effects: [{set: {target.heading: "=input.course"}}]
    visible_to: [master]
upgrades:
  - from: 1.0.0
    rename:
      kinds: {ship: vessel}
      roles: {captain: master}
      fields: {vessel.course: heading, hand.ship: vessel}
    compute: {hand.twice: "=self.debt * 2"}
    split: {hand.name: {first: "=self.name + '.'", rest: "=self.name + '!'"}}
    drop: [barrel, hand.age, "role:cook"]
"""


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as stage:
        yield stage


async def seen(stage: Stage, world: str, who: Principal, kind: str) -> list[dict[str, Any]]:
    async with stage.units.read() as unit:
        viewer = await viewer_of(unit, world, who, stage.actions.viewers)
        return [dict(view.fields) for view in await list_entities(unit, viewer, kind, 50)]


async def of_kind(stage: Stage, world: str, kind: str) -> list[Entity]:
    return [one for one in (await stage.entities(world)).values() if one.kind == kind]


def roles(member: Entity) -> list[str]:
    held = member.fields["roles"]
    return [str(role) for role in held] if isinstance(held, list) else []


async def refused(stage: Stage, world: str, pack: CompiledPack) -> list[str]:
    before = await dump_world(stage.units, world)
    with pytest.raises(UpgradeRefusedError) as raised:
        await upgraded(stage, world, pack)
    assert await dump_world(stage.units, world) == before
    return [problem.code for problem in raised.value.problems]


def test_a_field_gets_its_default_and_acting_goes_on_under_the_new_rules(stage: Stage) -> None:
    async def run() -> None:
        world, (_, mira, *_) = await stage.world(), stage.people
        pack = await stored(stage, changed(HARBOR, LUCK, upgrades=LUCKY))
        before = await stage.verified(world)
        plan = await upgraded(stage, world, pack)
        assert [(one.kind, one.field, one.entities) for one in plan.happenings] == [("character", "luck", 2)]
        after = await stage.verified(world)
        assert after.head.pack == pack.digest != before.head.pack
        hero = next(one for one in await of_kind(stage, world, "character") if one.owner == mira.id)
        assert (await stage.act(world, Wish(Request("wish", mira, actor=hero.id)))).accepted
        assert (await stage.entities(world))[hero.id].get("luck") == 2
        await stage.verified(world)
        async with stage.units.read() as unit:
            places = (1, before.head.position, after.head.position)
            told = [await pack_at(unit, world, at, stage.actions.packs) for at in places]
            views = await feed_page(unit, await viewer_of(unit, world, mira, stage.actions.viewers), 3)
        assert [one.version for one in told] == ["1.0.0", "1.0.0", "2.0.0"]
        heads: list[Any] = [view.head or {} for view in views]
        assert [head.get("type") for head in heads] == ["wish", None, "world.upgraded"]
        assert views[1].changes[0]["field"] == "luck"
        assert "Gia takes the world from Harbor of Knives 1.0.0 to 2.0.0" in str(heads[2]["narrative"])

    stage.runner.run(run())


def test_everything_is_renamed_split_worked_out_and_given_up(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(FLEET)

    async def run(stage: Stage) -> None:
        gia, mira, pia, _ = stage.people
        world = await fleet(stage)
        before = await stage.verified(world)
        assert await seen(stage, world, mira, "ship") == [{"name": "Argo", "course": "east"}]
        assert await seen(stage, world, pia, "ship") == [{"name": "Argo", "log": "east"}]
        silent = NEW[: NEW.index("upgrades:")].replace("2.0.0", "1.5.0")
        codes = await refused(stage, world, await stored(stage, {"pack.yaml": silent}))
        assert codes.count("not_said") == 7
        # Invites and bans are for who manages the world, and that is somebody else then.
        assert {*codes} == {"not_said", "out_of_bounds", "required", "last_manager", "would_open"}
        plan = await upgraded(stage, world, await stored(stage, {"pack.yaml": NEW}))
        assert {(one.moved.path, one.moved.opens, one.moved.closes) for one in plan.audiences} == {
            ("vessel.heading", False, True), ("vessel.log", False, True),
        }  # fmt: skip
        assert (await stage.verified(world)).events > before.events
        assert await seen(stage, world, mira, "vessel") == [{"name": "Argo"}]
        assert await seen(stage, world, gia, "vessel") == [{"name": "Argo", "heading": "east", "log": "east"}]
        (argo,) = await of_kind(stage, world, "vessel")
        (jo,) = await of_kind(stage, world, "hand")
        assert jo.fields == {"vessel": argo.id, "first": "Jo.", "rest": "Jo!", "debt": 4, "twice": 8, "poor": True}
        assert [one.live for one in await of_kind(stage, world, "barrel")] == [False, False]
        assert {tuple(roles(one)) for one in await of_kind(stage, world, "member")} == {
            ("master",), ("sailor",), (),
        }  # fmt: skip
        # What was for the role under its earlier name is for it still, and what was closed is closed at all times.
        past = await past_facets(stage, world, argo.id)
        assert all(keys in ([], ["role:captain"]) or "course" not in fields for fields, keys in past)
        assert all(not keys or "log" not in fields for fields, keys in past)
        assert (await stage.act(world, Wish(Request("steer", gia, target=argo.id, input={"course": "west"})))).accepted
        await stage.verified(world)
        await rebuilt(stage, world)

    with staged(database_url, tmp_path) as stage:
        stage.runner.run(run(stage))


async def fleet(stage: Stage) -> str:
    gia, mira, pia, _ = stage.people
    new = worlds.NewWorld("fleet", "1.0.0", {"title": "Fleet"})
    async with stage.units.write() as unit:
        world = (await worlds.create(unit, new, gia, stage.actions.packs, stage.clock.now())).id
        await unit.commit()
    for one, role in ((mira, "sailor"), (pia, "cook")):
        added = Request("member.add", gia, input={"user": one.id, "roles": [role]})
        assert (await stage.act(world, Wish(added))).accepted
    (argo,) = await of_kind(stage, world, "ship")
    for request in (
        Request("sign_on", mira, input={"name": "Jo", "ship": argo.id}),
        Request("steer", gia, target=argo.id, input={"course": "east"}),
    ):
        assert (await stage.act(world, Wish(request))).accepted
    return world


async def past_facets(stage: Stage, world: str, entity: str) -> list[tuple[dict[str, Any], list[str]]]:
    row = PastFacetRow
    async with stage.units.read() as unit:
        query = select(row.fields, row.keys).where(row.world == world, row.entity == entity)
        return [(dict(fields), sorted(keys)) for fields, keys in await unit.session.execute(query)]


async def rebuilt(stage: Stage, world: str) -> None:
    work = Rebuilding(stage.units, stage.actions.packs, "test", sizes=Sizes(7, 5))
    assert await rebuild(work, world, stage.clock.now()) == {}
    await stage.verified(world)


TICKS = "ticks:  {type: meter, max: 6}"
SECRET = 'secret:  {type: text, default: "", visible_to: [owner, gm]}'
NAME = "name:    {type: text, required: true, max_length: 80,"
PLAYER = "player: {title: Player, default: true}"
FROM = "upgrades: [{from: 1.0.0, %s}]"


@pytest.mark.parametrize(
    ("part", "instead", "upgrades", "codes"),
    [
        (SECRET, "secret: {type: text, visible_to: [members]}", "", ["would_open"]),
        ("coin:    {type: integer, default: 2}", "coin: {type: integer, max: 1, default: 1}", "", ["out_of_bounds"]),
        ("self.coin >= 0", "self.coin >= 7", "", ["invariant_broken"]),
        (NAME, NAME.replace("80", "3"), "", ["out_of_bounds"]),
        ("stress:  {type: meter, max: 9}", "stress: {type: meter, max: 9}\n      age: integer", "", []),
        ("pack: harbor", "pack: haven", "", ["another_pack"]),
        (PLAYER, "player: {title: Player, default: true, sees: everything}", "", ["would_open"]),
        (*next(iter(LUCK.items())), FROM % 'compute: {character.luck: "=self.coins"}', ["bad_expression"]),
        (*next(iter(LUCK.items())), FROM % 'compute: {character.luck: "=self.secret.size()"}', ["would_open"]),
        (
            TICKS,
            TICKS,
            FROM % "compute: {clock.name: \"=self.name + '!'\"}",
            ["bad_unique"],
        ),
        (
            *next(iter(LUCK.items())),
            FROM % "rename: {fields: {clock.gong: name}}",
            ["unknown_field", "required"],
        ),
    ],
)
def test_what_would_break_or_open_is_refused_whole(
    stage: Stage, part: str, instead: str, upgrades: str, codes: list[str]
) -> None:
    async def run() -> None:
        world = await stage.world()
        pack = await stored(stage, changed(HARBOR, {part: instead}, upgrades=upgrades))
        if codes:
            assert [*dict.fromkeys(await refused(stage, world, pack))] == codes
        else:
            await upgraded(stage, world, pack)
            await stage.verified(world)

    stage.runner.run(run())
