"""What an event tells of itself: the rules it passed, what they read as far as one sees it, and why one sees it."""

from datetime import timedelta
from typing import Any

from tests.playing import NOWHERE, QUAY, Playing, play
from tests.serving import Serving


async def explain(table: Playing, who: str | None, event: str) -> dict[str, Any]:
    answer = await table.get(who, f"/events/{event}/explain")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def values(told: dict[str, Any], rule: str) -> dict[str, Any]:
    """Return what a rule read, by path."""
    (one,) = [each for each in told["rules"] if each["rule"] == rule]
    return {each["path"]: each["value"] for each in one["values"]}


def reasons(told: dict[str, Any]) -> set[tuple[str, str]]:
    """Return each reason with one of the parts that it opens."""
    return {(one["words"], part) for one in told["seen"] for part in one["parts"]}


def line_of(place: dict[str, Any]) -> str:
    line, column = int(place["line"]), int(place["column"])
    return QUAY.splitlines()[line - 1][column - 1 :]


async def event_of(table: Playing, kind: str, who: str = "Gia") -> str:
    """Return the id of the newest event of a type."""
    return next(str(one["id"]) for one in await table.feed(who) if one.get("type") == kind)


async def test_an_action_tells_which_rules_it_passed_and_what_they_read_then(table: Playing) -> None:
    hero, crows = await table.character("Mira", "Cass"), await table.id_of("faction", "The Crows")
    await table.do("Mira", "advance_plan", actor=hero, target=crows)
    event = await event_of(table, "advance_plan")
    lanterns = await table.id_of("faction", "The Lanterns")
    await table.do("Mira", "advance_plan", actor=hero, target=crows)
    await table.do("Mira", "change_sides", actor=hero, input={"faction": lanterns})
    await table.do("Mira", "change_sides", actor=hero, input={"faction": crows})
    told = await explain(table, "Mira", event)
    assert [(one["rule"], one["holds"]) for one in told["rules"]] == [
        (rule, True) for rule in ("members_only", "input", "actor", "target", "allow", "require", "approval")
    ]
    assert values(told, "allow") == {"actor.faction": crows, "target.id": crows}
    assert values(told, "require") == {"actor.coin": 2, "input.effort": 1}
    assert line_of(told["rules"][-2]["place"]).startswith('"actor.coin >= input.effort"')
    assert (told["made_by"]["kind"], told["made_by"]["name"]) == ("action", "advance_plan")
    assert line_of(told["made_by"]["place"]).startswith("advance_plan:")
    assert told["pack"] == {"name": "quay", "version": "1.0.0"}
    assert reasons(told) == {
        ("you belong to the group of the faction The Crows", "head"),
        ("you did it", "input"),
        ("everybody may see it", "changes"),
    }


async def test_the_source_of_conditions_is_for_those_who_see_everything(table: Playing) -> None:
    hero, crows = await table.character("Mira", "Cass"), await table.id_of("faction", "The Crows")
    await table.do("Mira", "advance_plan", actor=hero, target=crows)
    event = await event_of(table, "advance_plan")
    for who in ("Mira", "Gia"):
        sources = [
            one.get("condition") for one in (await explain(table, who, event))["rules"] if one["rule"] == "allow"
        ]
        assert sources == [None if who == "Mira" else "actor.faction == target.id"]
    assert reasons(await explain(table, "Gia", event)) == {
        ("your role Game master sees everything", part) for part in ("head", "input", "changes")
    }


async def test_what_was_hidden_stays_hidden_and_what_was_read_is_of_then(server: Serving) -> None:
    table = await play(server, SECRETS, "secrets")
    await table.do("Mira", "make", input={"name": "box"})
    box = await table.id_of("thing", "box")
    await table.do("Pia", "try", target=box, input={"code": "sesame"})
    event = await event_of(table, "try")
    await table.do("Mira", "rename", target=box, input={"name": "chest", "code": "changed"})
    told = {who: await explain(table, who, event) for who in ("Mira", "Pia", "Gia")}
    assert values(told["Pia"], "allow") == {"input.code": "sesame", "target.name": "box"}
    assert values(told["Mira"], "allow") == {"target.code": "sesame", "target.name": "box"}
    assert values(told["Gia"], "allow") == {
        "input.code": "sesame", "target.code": "sesame", "target.name": "box", "target.vault.name": "Deep",
    }  # fmt: skip
    hides = {
        who: next(one["withheld"] for one in each["rules"] if one["rule"] == "allow") for who, each in told.items()
    }
    assert hides == {"Mira": True, "Pia": True, "Gia": False}
    assert "Deep" not in str(told["Mira"])
    assert reasons(told["Mira"]) == {("you own the thing box", "head")}
    assert reasons(told["Pia"]) == {("you did it", "head"), ("you did it", "input")}


async def test_a_reaction_tells_what_it_answers_and_its_when(server: Serving) -> None:
    table = await play(server, SECRETS, "secrets")
    await table.do("Mira", "make", input={"name": "box"})
    box = await table.id_of("thing", "box")
    await table.do("Mira", "knock", target=box)
    event, knocked = await event_of(table, "answer_knock", "Mira"), await event_of(table, "knock")
    told = await explain(table, "Mira", event)
    assert told["cause"] == {"event": knocked, "type": "knock"}
    assert (told["made_by"]["kind"], told["made_by"]["emitted"]) == ("reaction", False)
    assert values(told, "when") == {"target.code": "sesame", "event.by": told_user(await table.get("Mira", "/members"))}
    # Pia sees what came of the knock, and not the knock.
    told = await explain(table, "Pia", event)
    assert "cause" not in told
    assert knocked not in str(told)
    assert values(told, "when") == {}


def told_user(answer: Any) -> str:
    """Return the user of the member called Mira."""
    return next(str(one["user"]) for one in answer.json()["data"] if one["name"] == "Mira")


async def test_what_was_emitted_is_told_with_the_rule_that_did(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await table.do("Gia", "lay_trap", target=hero, input={"name": "A loose plank"})
    await table.do("Gia", "spring_trap", target=await table.id_of("trap", "A loose plank"))
    sprung, spring = await event_of(table, "trap.sprung"), await event_of(table, "spring_trap")
    told = await explain(table, "Gia", sprung)
    assert told["made_by"]["emitted"] is True
    assert (told["made_by"]["name"], told["cause"]["event"], told["rules"]) == ("spring_trap", spring, [])
    told = await explain(table, "Mira", sprung)
    assert not {"made_by", "cause"} & set(told)
    assert reasons(told) == {("everybody may see it", "head")}
    # Of the trap's own event Mira sees one change: nothing is said of its rule.
    (told,) = [await explain(table, "Mira", spring)]
    assert set(told) == {"event", "rules", "seen"}
    assert (told["rules"], reasons(told)) == ([], {("you are a member", "changes")})


async def test_a_change_is_seen_by_who_owns_what_it_is_of(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "shh"})
    told = await explain(table, "Mira", await event_of(table, "keep_secret"))
    assert reasons(told) == {
        ("you are a member", "head"), ("you did it", "input"), ("you own the character Cass", "changes"),
    }  # fmt: skip
    assert {one.get("entity") for one in told["seen"]} == {None, hero}


async def test_a_role_and_a_departed_member_are_told_as_what_they_are(table: Playing) -> None:
    await table.do("Gia", "start_clock", input={"name": "Doom", "stakes": "all"})
    event = await event_of(table, "start_clock")
    assert values(await explain(table, "Mira", event), "allow") == {"me.admin": True}
    await table.do("Gia", "member.roles", target=await member(table, "Pia"), input={"roles": ["gm"]})
    assert {one["role"] for one in (await explain(table, "Pia", event))["seen"]} == {"gm"}
    await table.do("Gia", "member.remove", target=await member(table, "Gia"))
    told = await explain(table, "Mira", event)
    # Who left has no roles that could be looked up: said to be more than is told.
    assert values(told, "allow") == {}
    assert next(one["withheld"] for one in told["rules"] if one["rule"] == "allow")


async def member(table: Playing, name: str) -> str:
    found = (await table.get("Pia", "/members")).json()["data"]
    return next(str(one["id"]) for one in found if one["name"] == name)


async def test_an_event_is_shown_by_itself_as_in_the_feed(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    table.server.clock.advance(timedelta(minutes=1))
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "shh"})
    for who in ("Mira", "Pia", "Gia"):
        for event in await table.feed(who):
            assert (await table.get(who, f"/events/{event['id']}")).json()["data"] == event


async def test_a_hidden_event_is_one_that_there_is_not(table: Playing) -> None:
    await table.do("Gia", "set_plot", target=await table.id_of("faction", "The Crows"), input={"plot": "x"})
    hidden = await event_of(table, "set_plot")
    for way in ("", "/explain"):
        for key in (hidden, "nonsense"):
            answer, nowhere = [await table.get("Pia", f"/events/{one}{way}") for one in (key, NOWHERE)]
            assert answer.status_code == 404
            if key == hidden:
                assert answer.content == nowhere.content
        assert (await table.get("Otto", f"/events/{hidden}{way}")).status_code == 404
        assert (await table.get(None, f"/events/{hidden}{way}")).status_code == 404


async def test_in_a_public_world_the_anonymous_get_explanations_of_what_they_see(server: Serving) -> None:
    table = await play(server, public=True)
    hero = await table.character("Mira", "Cass")
    event = await event_of(table, "join_as")
    told = await explain(table, None, event)
    assert reasons(told) == {("everybody may see it", part) for part in ("head", "changes")}
    assert values(told, "allow") == {}
    assert told["made_by"]["name"] == "join_as"
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "shh"})
    assert (await table.get(None, f"/events/{await event_of(table, 'keep_secret')}/explain")).status_code == 404


SECRETS = """
pack: secrets
version: 1.0.0
roles: {gm: {title: Game master, sees: everything}, player: {title: Player, default: true}}
kinds:
  vault:
    visible_to: [gm]
    fields: {name: text}
  thing:
    owned: true
    visible_to: [everyone]
    fields:
      name: {type: text, unique: true, max_length: 50, required: true}
      code: {type: text, visible_to: [owner, gm]}
      vault: {type: ref, kind: vault, visible_to: [gm]}
actions:
  make:
    input: {name: {type: text, max_length: 50}}
    allow: "true"
    effects:
      - create: {kind: vault, name: vault, fields: {name: Deep}}
      - create: {kind: thing, name: made, fields: {name: "=input.name", code: sesame, vault: "=vault.id"}}
  try:
    target: thing
    input: {code: {type: text}}
    allow: "target.name == 'box' && target.vault.name == 'Deep' && target.code == input.code"
    visible_to: [actor, owner of target]
    discloses: [target.vault.name, target.code]
  rename:
    target: thing
    input: {name: {type: text, max_length: 50}, code: {type: text}}
    allow: "true"
    effects: [{set: {target.name: "=input.name", target.code: "=input.code"}}]
  knock: {target: thing, allow: "true", effects: [{emit: {type: knocked, about: target, visible_to: [actor]}}]}
reactions:
  answer_knock:
    to: {action: knock}
    when: "target.code == 'sesame' && event.by != ''"
    effects: [{set: {target.code: opened}}]
    visible_to: [members]
    discloses: [target.code]
"""
