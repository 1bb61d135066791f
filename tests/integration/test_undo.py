"""Undo over HTTP: what was changed is as it was before, as an event of its own; or the refusal says why not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.checking import check
from tests.playing import NOWHERE, Playing, play
from tests.serving import codes, serving

PACK = """
pack: desk
version: 1.0.0
title: Desk
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  note:
    owned: true
    visible_to: [members]
    fields:
      name: {type: text, required: true, unique: true, max_length: 80}
      size: {type: integer, default: 0}
      double: {type: integer, computed: self.size * 2}
      about: {type: ref, kind: note}
      secret: {type: text, visible_to: [owner]}
      hidden: {type: text, visible_to: [nobody]}
    invariants: [{that: "self.size < 100", else: too large}]
actions:
  write:
    input: {name: {type: text, max_length: 80}}
    allow: "true"
    effects: [{create: {kind: note, name: note, owner: me, fields: {name: =input.name}}}]
    visible_to: [members]
    narrative: "{me.name} writes {note.name}"
  resize:
    target: note
    input: {by: integer}
    allow: "true"
    effects: [{add: {target.size: =input.by}}]
    undo: "'gm' in me.roles || event.by == me.id"
    visible_to: [members]
  rename:
    target: note
    input: {name: {type: text, max_length: 80}}
    allow: "true"
    effects: [{set: {target.name: =input.name}}]
    visible_to: [members]
  link:
    target: note
    input: {to: {type: ref, kind: note}}
    allow: "true"
    effects: [{set: {target.about: =input.to}}]
    visible_to: [members]
  drop:
    target: note
    allow: "true"
    effects: [{delete: target}]
    undo: "'gm' in me.roles || event.by == me.id"
    visible_to: [members]
  stain:
    target: note
    allow: "true"
    effects: [{set: {target.hidden: x}}]
    undo: "true"
    discloses: [note.hidden]
    visible_to: [members]
  give:
    target: note
    input: {to: text}
    allow: "true"
    effects: [{own: {entity: target, owner: =input.to}}]
    visible_to: [members]
  hide: {target: note, allow: "true", effects: [{set: {target.hidden: z}}], visible_to: [nobody]}
  shrink:
    target: note
    allow: "true"
    effects: [{add: {target.size: -1}}]
    undo: "true"
    visible_to: [nobody]
  show:
    target: note
    allow: "'gm' in me.roles"
    effects: [{reveal: {field: target.secret, to: [members]}}]
    visible_to: [members]
  nod: {allow: "true", visible_to: [members]}
reactions:
  echo: {to: {action: resize}, when: input.by == 7, effects: [{add: {target.size: 1}}], visible_to: [members]}
"""


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Playing]:
    async with serving(database_url) as server:
        yield await play(server, PACK, "desk")


async def undo(desk: Playing, event: str, who: str = "Gia", **body: Any) -> Any:
    return await desk.call(who, "POST", f"/events/{event}/undo", json=body)


async def done(desk: Playing, event: str, **body: Any) -> list[dict[str, Any]]:
    answer = await undo(desk, event, **body)
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["data"]["events"]
    return events


async def wrote(desk: Playing, name: str = "a", who: str = "Mira") -> tuple[str, str]:
    """Write a note and return its id and the event's."""
    (event, *_) = await desk.do(who, "write", input={"name": name})
    return await desk.id_of("note", name), event["id"]


async def shown(desk: Playing, note: str) -> dict[str, Any]:
    answer = await desk.get("Gia", f"/entities/{note}")
    fields: dict[str, Any] = answer.json()["data"]
    return fields


async def resized(desk: Playing, note: str, by: int) -> str:
    events = await desk.do("Mira", "resize", target=note, input={"by": by})
    return str(events[0]["id"])


async def test_an_event_is_undone_by_one_of_its_own_that_can_be_undone(desk: Playing) -> None:
    note, _ = await wrote(desk)
    before = (await shown(desk, note))["fields"]
    event = await resized(desk, note, 3)
    (undone,) = await done(desk, event)
    assert (await shown(desk, note))["fields"] == before
    assert (undone["type"], undone["action"]) == ("world.undone", "world.undo")
    assert undone["data"] == {"event": event, "cascade": False}
    told = {(one["field"], one["before"], one["after"]) for one in undone["changes"]}
    assert told == {("size", 3, 0), ("double", 6, 0)}
    note, _ = await wrote(desk, "again")
    event = await resized(desk, note, 3)
    for size in (0, 3, 0, 3):
        (undone,) = await done(desk, event)
        assert (await shown(desk, note))["fields"]["size"] == size
        event = undone["id"]
    await check(desk)


async def test_what_is_undone_is_not_undone_twice(desk: Playing) -> None:
    note, _ = await wrote(desk)
    event = await resized(desk, note, 3)
    (first,) = await done(desk, event)
    await resized(desk, note, 3)  # it looks as it was left, but somebody else has done that
    answer = await undo(desk, event)
    assert (answer.status_code, codes(answer)) == (409, ["already_undone"])
    await done(desk, (await desk.feed("Gia"))[0]["id"])
    await done(desk, first["id"])
    await done(desk, event)  # it stood again
    await check(desk)


async def test_what_was_made_deleted_given_or_shown_is_as_it_was(desk: Playing) -> None:
    note, event = await wrote(desk)
    (undone,) = await done(desk, event)
    assert (await shown(desk, note))["deleted"] is True
    assert (await desk.get("Mira", f"/entities/{note}")).status_code == 404
    await done(desk, undone["id"])
    assert (await desk.get("Mira", f"/entities/{note}")).json()["data"]["fields"]["name"] == "a"
    note, _ = await wrote(desk, "b")
    (dropped,) = await desk.do("Mira", "drop", target=note)
    other, second = await wrote(desk, "b")
    answer = await undo(desk, dropped["id"])
    assert (answer.status_code, codes(answer)) == (409, ["not_unique"])
    await done(desk, second)
    await done(desk, dropped["id"])
    assert (await shown(desk, note)).get("deleted") is None
    assert (await shown(desk, other))["deleted"] is True
    note, _ = await wrote(desk, "c")
    owner = (await shown(desk, note))["owner"]
    (given,) = await desk.do("Mira", "give", target=note, input={"to": ""})
    await done(desk, given["id"])
    assert (await shown(desk, note))["owner"] == owner
    (shows,) = await desk.do("Gia", "show", target=note)
    (undone,) = await done(desk, shows["id"])
    assert [one["field"] for one in undone["changes"]] == ["@audience"]
    await check(desk)


async def test_what_was_changed_since_stands_in_the_way_and_a_cascade_is_undone_as_a_whole(desk: Playing) -> None:
    note, created = await wrote(desk)
    event = await resized(desk, note, 3)
    later = await resized(desk, note, 1)
    for one in (event, created):
        answer = await undo(desk, one)
        assert (answer.status_code, codes(answer)) == (409, ["built_upon"])
        assert [told["id"] for told in answer.json()["events"]] == [later] if one == event else [later, event]
    assert (await shown(desk, note))["fields"]["size"] == 4
    note, _ = await wrote(desk, "cascade")
    first, second = await desk.do("Mira", "resize", target=note, input={"by": 7})
    assert codes(await undo(desk, first["id"])) == ["built_upon"]
    (undone,) = await done(desk, second["id"], cascade=True)
    assert undone["data"] == {"event": first["id"], "cascade": True}
    assert (await shown(desk, note))["fields"]["size"] == 0
    assert codes(await undo(desk, second["id"])) == ["already_undone"]
    await done(desk, undone["id"])
    await done(desk, second["id"])
    assert codes(await undo(desk, first["id"], cascade=True)) == ["already_undone"]
    await done(desk, first["id"])
    assert (await shown(desk, note))["fields"]["size"] == 0
    await check(desk)


async def test_what_held_before_must_be_possible_still(desk: Playing) -> None:
    note, _ = await wrote(desk)
    other, _ = await wrote(desk, "b")
    await desk.do("Mira", "link", target=note, input={"to": other})
    (event,) = await desk.do("Mira", "link", target=note, input={"to": note})
    await desk.do("Mira", "drop", target=other)
    answer = await undo(desk, event["id"])
    assert codes(answer) == ["not_found"]
    (renamed,) = await desk.do("Mira", "rename", target=note, input={"name": "c"})
    await wrote(desk, "a")
    assert codes(await undo(desk, renamed["id"])) == ["not_unique"]


async def test_who_does_not_see_everything_may_not_unless_the_pack_says_so(desk: Playing) -> None:
    note, created = await wrote(desk)
    answer = await undo(desk, created, "Mira")
    assert (answer.status_code, codes(answer)) == (403, ["denied"])
    (dropped,) = await desk.do("Mira", "drop", target=note)
    assert codes(await undo(desk, dropped["id"], "Pia")) == ["denied"]
    told = (await desk.call("Pia", "POST", f"/events/{dropped['id']}/undo?explain=true", json={})).json()
    rule = told["explanation"]["rules"][-1]
    assert (rule["rule"], rule["holds"], rule["withheld"]) == ("undo", False, False)
    assert PACK.splitlines()[rule["place"]["line"] - 1].strip().startswith("undo:")
    assert {"path": "event.by", "value": dropped["by"]["id"]} in rule["values"]
    assert (await undo(desk, dropped["id"], "Mira")).status_code == 200


async def test_an_undo_tells_nothing_of_what_is_hidden(desk: Playing) -> None:
    note, created = await wrote(desk)
    (dropped,) = await desk.do("Mira", "drop", target=note)
    (back,) = await done(desk, dropped["id"])

    async def previewed(event: str) -> dict[str, Any]:
        answer = await desk.call("Mira", "POST", "/actions/world.undo/preview", json={"input": {"event": event}})
        told: dict[str, Any] = answer.json()
        for one in (told["data"] or {}).get("events", []):
            del one["id"], one["at"]
        return told

    tried = (dropped["id"], back["id"], created)
    before = [await previewed(event) for event in tried]
    for _ in range(2):
        await desk.do("Gia", "hide", target=note)  # of which nobody is told
    assert [await previewed(event) for event in tried] == before
    event = await resized(desk, note, 2)
    await desk.do("Gia", "shrink", target=note)
    for who, types in (("Gia", ["shrink"]), ("Mira", [None])):
        answer = await undo(desk, event, who)
        assert codes(answer) == ["built_upon"]
        assert [one.get("type") for one in answer.json()["events"]] == types
    (stained,) = await desk.do("Pia", "stain", target=note)
    answer = await undo(desk, stained["id"], "Pia")
    assert (answer.status_code, codes(answer)) == (403, ["denied"])
    assert "do not see all" in answer.json()["errors"][0]["message"]
    await done(desk, stained["id"])
    assert codes(await undo(desk, (await desk.feed("Gia"))[0]["id"], "Pia")) == ["denied"]


async def test_what_cannot_be_undone_says_why(desk: Playing) -> None:
    assert codes(await undo(desk, NOWHERE)) == ["not_found"]
    (nod,) = await desk.do("Mira", "nod")
    assert codes(await undo(desk, nod["id"])) == ["nothing_to_undo"]
    founding = (await desk.feed("Gia"))[-1]
    assert codes(await undo(desk, founding["id"])) == ["not_undoable"]


async def test_it_goes_through_the_door_of_all_actions(desk: Playing) -> None:
    note, _ = await wrote(desk)
    event = await resized(desk, note, 3)
    wishes = [
        {"action": "world.undo", "input": {"event": event}},
        {"action": "world.undo", "input": {"event": event}},
        {"action": "resize", "target": note, "input": {"by": 3}},
        {"action": "world.undo", "input": {"event": event}},
    ]
    together = (await desk.call("Gia", "POST", "/actions/batch", json={"actions": wishes})).json()["data"]
    assert [one["status"] for one in together] == [200, 409, 200, 409]
    assert {one["errors"][0]["code"] for one in together if "errors" in one} == {"already_undone"}
    event = await resized(desk, note, 1)
    wishes = [wishes[2], {"action": "world.undo", "input": {"event": event}}]
    grown, refused = (await desk.call("Gia", "POST", "/actions/batch", json={"actions": wishes})).json()["data"]
    assert [one["id"] for one in refused["events"]] == [grown["events"][0]["id"]]
    note, _ = await wrote(desk, "other")
    event = await resized(desk, note, 3)
    wish = {"input": {"event": event}}
    assert (await desk.call("Gia", "POST", "/actions/world.undo/preview", json=wish)).status_code == 200
    assert (await shown(desk, note))["fields"]["size"] == 3
    first = await desk.act("Gia", "world.undo", "key", **wish)
    again = await desk.call("Gia", "POST", f"/events/{event}/undo", json={}, headers={"Idempotency-Key": "other"})
    assert (first.status_code, codes(again)) == (200, ["already_undone"])
    assert (await desk.act("Gia", "world.undo", "key", **wish)).json()["data"]["repeated"] is True
    assert (await desk.get("Gia", f"/events/{first.json()['data']['events'][0]['id']}/explain")).status_code == 200
