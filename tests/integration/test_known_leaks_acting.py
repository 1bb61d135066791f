"""A catalogue of leaks that other systems have had, each by its name: what acting tells, and what having left does."""

from typing import Any

import pytest

from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError
from tests.comparing import LEAKS, Haunted, comparable, haunted, looked
from tests.playing import NOWHERE, Playing
from tests.serving import Serving, codes


@pytest.fixture
async def world(server: Serving) -> Haunted:
    """Return the world of the leaks."""
    return await haunted(server)


async def member(table: Playing, name: str) -> str:
    """Return the entity of somebody's membership."""
    found = (await table.get("Gia", "/members")).json()["data"]
    return str(next(one["id"] for one in found if one["name"] == name))


async def test_unique_error_oracle_is_refused_in_the_pack() -> None:
    for audience in ("[owner, gm]", "[scribe]", "[{when: self.level > 1, to: [everyone]}]"):
        secret = f"secret: {{type: text, max_length: 40, unique: true, visible_to: {audience}}}"
        with pytest.raises(PackError) as caught:
            compile_source({"pack.yaml": LEAKS.replace("secret: {type: text, visible_to: [owner, gm]}", secret)})
        assert "bad_unique" in {problem.code for problem in caught.value.problems}


async def test_unique_error_names_the_value_that_was_given_and_not_who_has_it(world: Haunted) -> None:
    answer = await world.table.act("Pia", "found", input={"name": "Lamps"})
    assert (answer.status_code, codes(answer)) == (409, ["not_unique"])
    assert world.lamps not in answer.text


async def test_stale_group_membership_closes_with_the_next_request(world: Haunted) -> None:
    table, path = world.table, f"/entities/{world.lamps}"
    assert "motto" in (await table.get("Mira", path)).json()["data"]["fields"]
    await table.do("Mira", "leave_guild", actor=world.mira)
    closed, stranger = await table.get("Mira", path), await table.get("Pia", path)
    assert closed.json()["data"]["fields"] == stranger.json()["data"]["fields"]
    assert "Light" not in (await table.get("Mira", "/entities?kind=guild")).text


async def test_stale_group_membership_closes_cursors_that_were_made_before(world: Haunted) -> None:
    table = world.table
    for motto in ("Dusk", "Dawn", "Noon"):
        await table.do("Gia", "inscribe", target=world.lamps, input={"motto": motto})
    first = (await table.get("Mira", "/feed?limit=1")).json()
    assert "Noon" in str(first["data"])
    await table.do("Mira", "leave_guild", actor=world.mira)
    rest = await table.get("Mira", f"/feed?limit=100&cursor={first['meta']['next']}")
    assert rest.status_code == 200
    # What was shown to the group then is still an event of the group, in which Mira is no more.
    assert not any(motto in rest.text for motto in ("Dusk", "Dawn", "Noon"))


async def test_stale_role_closes_with_the_next_request_also_for_cursors(world: Haunted) -> None:
    table = world.table
    pia = await member(table, "Pia")
    await table.do("Gia", "member.roles", target=pia, input={"roles": ["player", "scribe"]})
    for ledger in ("blue", "green"):
        await table.do("Gia", "inscribe", target=world.lamps, input={"ledger": ledger})
    first = (await table.get("Pia", "/feed?limit=1")).json()
    assert "green" in str(first["data"])
    await table.do("Gia", "member.roles", target=pia, input={"roles": ["player"]})
    rest = await table.get("Pia", f"/feed?limit=100&cursor={first['meta']['next']}")
    assert "blue" not in rest.text
    assert "ledger" not in (await table.get("Pia", f"/entities/{world.lamps}")).text


async def test_ex_member_sees_no_more_than_a_stranger_of_their_own_things_too(server: Serving) -> None:
    world = await haunted(server, public=True)
    table = world.table
    await table.do("Mira", "whisper", actor=world.mira, input={"secret": "I am the heir"})
    cursor = (await table.get("Mira", "/feed?limit=1")).json()["meta"]["next"]
    await table.do("Gia", "member.remove", target=await member(table, "Mira"))
    paths = ["", "/feed", "/entities?kind=hero", f"/entities/{world.mira}", f"/entities/{world.lamps}", "/members"]
    for path in paths:
        left, stranger = await table.get("Mira", path), await table.get("Otto", path)
        assert left.status_code == stranger.status_code
        told, others = left.json()["data"], stranger.json()["data"]
        for one in (*(told if isinstance(told, list) else [told]), *(others if isinstance(others, list) else [others])):
            for own in ("etag", "by"):  # a tag is each viewer's own, and everybody is told what they did themselves
                one.pop(own, None)
        assert told == others
    rest = await table.get("Mira", f"/feed?limit=100&cursor={cursor}")
    assert "heir" not in rest.text


async def test_ex_member_of_a_closed_world_finds_no_world(world: Haunted) -> None:
    table = world.table
    await table.do("Gia", "member.remove", target=await member(table, "Mira"))
    nowhere = Playing(table.server, NOWHERE, table.players)
    for path in world.paths:
        here, there = await table.get("Mira", path), await nowhere.get("Mira", path)
        assert comparable(here) == comparable(there)
    answers = [await one.act("Mira", "train", actor=world.mira) for one in (table, nowhere)]
    assert comparable(answers[0]) == comparable(answers[1])


async def test_idempotent_answer_is_what_the_asker_was_shown_then_and_nobody_else_s(world: Haunted) -> None:
    table = world.table
    body: dict[str, Any] = {"actor": world.mira, "input": {"secret": "I am the heir"}}
    first = await table.act("Mira", "whisper", key="one", **body)
    await table.do("Gia", "member.remove", target=await member(table, "Mira"))
    again = await table.act("Mira", "whisper", key="one", **body)
    assert again.json()["data"]["events"] == first.json()["data"]["events"]
    others = await table.act("Pia", "whisper", key="one", **body)
    assert others.status_code in (403, 404)
    assert "heir" not in others.text


async def test_idempotency_key_oracle_one_person_s_key_means_nothing_to_another(world: Haunted) -> None:
    table = world.table
    await table.act("Mira", "train", key="one", actor=world.mira)
    answer = await table.act("Pia", "praise", key="one", target=world.mira)
    assert answer.status_code == 200  # and not that the key was used for another request


async def test_preview_oracle_it_tells_what_acting_would_and_leaves_nothing(world: Haunted) -> None:
    table = world.table
    before = await table.tables()
    preview = await table.call("Mira", "POST", "/actions/leave_guild/preview", json={"actor": world.mira})
    assert preview.status_code == 200
    for key in (world.hidden[0], NOWHERE):
        hidden = await table.call("Pia", "POST", "/actions/address/preview", json={"target": key})
        assert (hidden.status_code, codes(hidden)) == (404, ["not_found"])
    guessed = await table.call(
        "Pia", "POST", "/actions/doom/preview", json={"target": world.mira, "input": {"doom": 3}}
    )
    done = await table.act("Pia", "doom", target=world.mira, input={"doom": 3})
    assert (guessed.status_code, guessed.content) == (done.status_code, done.content)
    assert await table.tables() == before


async def test_preview_of_what_one_may_do_shows_only_what_one_would_see(world: Haunted) -> None:
    preview = await world.table.call("Gia", "POST", "/actions/strike/preview", json={"target": world.mira})
    assert {event["type"] for event in preview.json()["data"]["events"]} == {"strike", "thunder"}
    told = await world.table.call("Mira", "POST", "/actions/train/preview", json={"actor": world.mira})
    (event,) = told.json()["data"]["events"]
    assert {change["field"] for change in event["changes"]} == {"level"}


async def test_allowed_oracle_its_answers_do_not_depend_on_what_is_hidden(world: Haunted) -> None:
    table = world.table
    paths = [f"/entities/{world.mira}/allowed", f"/entities/{world.shown[0]}/allowed", f"/actions?actor={world.pia}"]
    before = await looked(table, "Pia", paths)
    await table.do("Gia", "doom", target=world.mira, input={"doom": 9})
    await table.do("Gia", "favor", target=world.mira)
    await table.do("Gia", "inscribe", target=world.lamps, input={"ledger": "blue"})
    assert await looked(table, "Pia", paths) == before
    hidden, nowhere = [await table.get("Pia", f"/entities/{key}/allowed") for key in (world.hidden[0], NOWHERE)]
    assert comparable(hidden) == comparable(nowhere)


async def test_conflict_oracle_if_match_is_met_or_not_by_what_is_seen_alone(world: Haunted) -> None:
    table = world.table
    tag = (await table.get("Pia", f"/entities/{world.mira}")).json()["data"]["etag"]
    await table.do("Gia", "doom", target=world.mira, input={"doom": 5})
    assert (await table.act("Pia", "praise", target=world.mira, headers={"If-Match": f'"{tag}"'})).status_code == 200
    await table.do("Mira", "train", actor=world.mira)
    stale = await table.act("Pia", "praise", target=world.mira, headers={"If-Match": f'"{tag}"'})
    assert stale.status_code == 412
    assert not any(word in stale.text for word in ("doom", "guild", "luck", "secret"))


async def test_conflict_oracle_the_tag_of_another_viewer_is_stale(world: Haunted) -> None:
    table = world.table
    theirs = (await table.get("Mira", f"/entities/{world.shown[0]}")).json()["data"]["etag"]
    mine = (await table.get("Pia", f"/entities/{world.shown[0]}")).json()["data"]["etag"]
    assert theirs != mine


async def test_invariant_oracle_what_a_rule_reads_in_secret_is_refused_in_the_pack() -> None:
    invariant = (
        "    invariants: [{that: self.level + self.doom < 9, else: '{self.name} is at an end'}]\n  # Some of them"
    )
    with pytest.raises(PackError) as caught:
        compile_source({"pack.yaml": LEAKS.replace("  # Some of them", invariant)})
    assert "doom" in str(caught.value)


async def test_undo_and_history_of_hidden_events_are_not_answered(world: Haunted) -> None:
    table = world.table
    await table.do("Gia", "doom", target=world.mira, input={"doom": 3})
    hidden = (await table.feed("Gia"))[0]["id"]
    for path in (f"/events/{hidden}/explain", f"/events/{hidden}", f"/entities/{world.hidden[0]}/history"):
        answer = await table.get("Pia", path)
        unknown = await table.get("Pia", path.replace(hidden, NOWHERE).replace(world.hidden[0], NOWHERE))
        assert answer.status_code == 404
        assert comparable(answer) == comparable(unknown)
