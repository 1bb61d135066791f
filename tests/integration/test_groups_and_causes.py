"""What follows from a ref: who belongs to a group sees what is for it; and of an event, each sees their own parts."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.checking import check
from tests.playing import Playing, play
from tests.serving import serving

PACK = """
pack: guilds
version: 1.0.0
title: Guilds
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  guild:
    visible_to: [everyone]
    group: {through: hand.guild}
    fields:
      name: {type: text, required: true}
      plot: {type: text, default: plot, visible_to: [group]}
      fame: {type: integer, default: 0}
      work: {type: meter, max: 2, visible_to: [group]}
  tool:
    visible_to: [group of guild]
    fields: {guild: {type: ref, kind: guild}, name: {type: text, default: saw}}
  hand:
    owned: true
    visible_to: [owner]
    fields: {name: {type: text, default: hand}, guild: {type: ref, kind: guild}}
actions:
  found:
    allow: "true"
    effects:
      - create: {kind: guild, name: guild, fields: {name: masons}}
      - create: {kind: tool, fields: {guild: =guild.id}}
    visible_to: [everyone]
  hire: {allow: "true", effects: [{create: {kind: hand, owner: me}}], visible_to: [nobody]}
  join:
    target: hand
    input: {guild: {type: ref, kind: guild, required: false}}
    allow: "true"
    effects:
      - {if: is_set(input.guild), then: [{set: {target.guild: =input.guild}}], else: [{set: {target.guild: null}}]}
    visible_to: [nobody]
  give: {target: hand, input: {to: text}, allow: "true", effects: [{own: {entity: target, owner: =input.to}}]}
  fire: {target: hand, allow: "true", effects: [{delete: target}]}
  labour:
    input: {guild: {type: ref, kind: guild}}
    allow: "true"
    effects: [{set: {input.guild.plot: newer}}, {add: {input.guild.work: 1}}]
    visible_to: [group of input.guild]
    narrative: "they labour"
reactions:
  renown:
    to: {event: meter.filled, kind: guild, field: work}
    effects: [{add: {entity.fame: 1}}, {set: {entity.work: 0}}]
    visible_to: [everyone]
    narrative: "{entity.name} are spoken of"
    discloses: [entity.work]
"""


@pytest.fixture
async def guilds(database_url: str) -> AsyncIterator[Playing]:
    """Yield a world with a guild, to which nobody belongs, and a hand of Pia's."""
    async with serving(database_url) as server:
        playing = await play(server, PACK, "guilds")
        await playing.do("Gia", "found")
        await playing.do("Pia", "hire")
        yield playing


async def guild_of(guilds: Playing) -> str:
    return await guilds.id_of("guild", "masons")


async def sight(guilds: Playing, who: str) -> tuple[bool, bool, bool]:
    """Return whether somebody sees the plot of the guild, its tool, and the labour that was done for it."""
    await check(guilds)
    guild = (await guilds.all(who, "guild"))["masons"]
    events = [event.get("type") for event in await guilds.feed(who)]
    return "plot" in guild["fields"], bool(await guilds.all(who, "tool")), "labour" in events


async def test_joining_opens_what_is_for_the_group_with_the_next_request_and_leaving_closes_it(guilds: Playing) -> None:
    guild, hand = await guild_of(guilds), await guilds.id_of("hand", "hand", "Pia")
    await guilds.do("Gia", "labour", input={"guild": guild})
    assert await sight(guilds, "Pia") == (False, False, False)
    for _ in range(2):
        await guilds.do("Gia", "join", target=hand, input={"guild": guild})
        assert await sight(guilds, "Pia") == (True, True, True)
        assert await sight(guilds, "Mira") == (False, False, False)
        await guilds.do("Gia", "join", target=hand, input={})
        assert await sight(guilds, "Pia") == (False, False, False)


async def test_who_owns_the_hand_belongs_to_the_group_as_long_as_the_hand_is_there(guilds: Playing) -> None:
    guild, hand = await guild_of(guilds), await guilds.id_of("hand", "hand", "Pia")
    await guilds.do("Gia", "labour", input={"guild": guild})
    await guilds.do("Gia", "join", target=hand, input={"guild": guild})
    members = (await guilds.all("Gia", "member")).values()
    mira = next(one["fields"]["user"] for one in members if one["fields"]["name"].startswith("Mira"))
    await guilds.do("Gia", "give", target=hand, input={"to": mira})
    assert await sight(guilds, "Pia") == (False, False, False)
    assert await sight(guilds, "Mira") == (True, True, True)
    await guilds.do("Gia", "fire", target=hand)
    assert await sight(guilds, "Mira") == (False, False, False)


async def test_a_hidden_cause_of_a_visible_change_shows_the_change_and_not_the_cause(guilds: Playing) -> None:
    guild, hand = await guild_of(guilds), await guilds.id_of("hand", "hand", "Pia")
    await guilds.do("Gia", "join", target=hand, input={"guild": guild})
    for _ in range(2):
        await guilds.do("Gia", "labour", input={"guild": guild})
    newest = (await guilds.feed("Mira"))[0]
    place = {"entity": guild, "kind": "guild", "field": "fame"}
    assert (newest["type"], newest["narrative"]) == ("renown", "masons are spoken of")
    assert newest["changes"] == [place | {"before": 0, "after": 1}]
    assert "cause" not in newest
    assert [event.get("type") for event in await guilds.feed("Mira", 2)] == ["renown", "found"]
    by_id = {event["id"]: event for event in await guilds.feed("Pia")}
    caused = next(event for event in by_id.values() if event["type"] == "renown")
    assert by_id[caused["cause"]]["type"] == "meter.filled"
    assert by_id[by_id[caused["cause"]]["cause"]]["type"] == "labour"
    assert [change["field"] for change in caused["changes"]] == ["fame", "work"]


async def test_of_an_event_each_viewer_sees_the_parts_that_are_theirs(guilds: Playing) -> None:
    guild = await guild_of(guilds)
    parts: dict[str, dict[str, Any]] = {}
    for who in ("Gia", "Pia"):
        parts[who] = next(event for event in await guilds.feed(who) if event.get("type") == "found")
    fields = {who: [change["field"] for change in part["changes"]] for who, part in parts.items()}
    assert fields["Gia"] == ["@life", "name", "plot", "fame", "work", "@life", "guild", "name"]
    assert fields["Pia"] == ["@life", "name", "fame"]
    assert {change["entity"] for change in parts["Pia"]["changes"]} == {guild}
    assert parts["Pia"]["by"] == parts["Gia"]["by"]
    await guilds.do("Pia", "labour", input={"guild": guild})
    mine = (await guilds.feed("Pia"))[0]
    assert set(mine) == {"id", "at", "input"}
    assert guild not in str([event for event in await guilds.feed("Mira") if event["id"] == mine["id"]])
