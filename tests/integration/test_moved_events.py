"""Reveal and conceal of events: who sees their heads from then on, the past included; in the log, and verified."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import delete, update

from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.verify import verify
from reality_engine.visibility.models import EventAudienceRow, MovedEventRow
from tests.checking import check
from tests.playing import NOWHERE, Playing, play
from tests.serving import codes, serving

PACK = """
pack: letters
version: 1.0.0
title: Letters
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  letter:
    owned: true
    visible_to: [owner]
    fields: {text: {type: text, required: true}}
  box:
    visible_to: [members]
    fields: {name: {type: text, required: true}, letters: {type: integer, default: 0}}
actions:
  place:
    allow: "true"
    effects: [{create: {kind: box, fields: {name: box}}}]
    visible_to: [members]
  write:
    input: {text: text, box: {type: ref, kind: box}}
    allow: "true"
    effects:
      - create: {kind: letter, name: letter, owner: me, fields: {text: =input.text}}
      - add: {input.box.letters: 1}
    visible_to: [actor]
    narrative: "{letter.text}"
  show:
    input: {which: {type: event}, to: {type: enum, values: [all, me], default: all}}
    allow: "true"
    effects:
      - {if: input.to == 'all', then: [{reveal: {event: input.which, to: [members]}}]}
      - {if: input.to == 'me', then: [{reveal: {event: input.which, to: [actor]}}]}
    visible_to: [nobody]
  hide:
    input: {which: {type: event}, from: {type: enum, values: [members, me, all], default: members}}
    allow: "true"
    effects:
      - {if: input.from == 'members', then: [{conceal: {event: input.which, from: [members]}}]}
      - {if: input.from == 'me', then: [{conceal: {event: input.which, from: [actor]}}]}
      - {if: input.from == 'all', then: [{conceal: {event: input.which}}]}
    visible_to: [nobody]
  flip:
    input: {which: {type: event}}
    allow: "true"
    effects: [{reveal: {event: input.which, to: [members]}}, {conceal: {event: input.which, from: [members]}}]
    visible_to: [nobody]
  relay: {input: {which: {type: event}}, allow: "true"}
reactions:
  relayed:
    to: {action: relay}
    effects: [{reveal: {event: input.which, to: [everyone]}}]
"""


@pytest.fixture
async def letters(database_url: str) -> AsyncIterator[Playing]:
    """Yield a world in which Mira has written a letter."""
    async with serving(database_url) as server:
        playing = await play(server, PACK, "letters", public=True)
        await playing.do("Gia", "place")
        box = next(iter((await playing.all("Gia", "box")).values()))["id"]
        await playing.do("Mira", "write", input={"text": "dear Pia", "box": box})
        yield playing


async def letter(letters: Playing) -> dict[str, Any]:
    return next(event for event in await letters.feed("Gia") if event["type"] == "write")


async def seen(letters: Playing, who: str) -> dict[str, Any]:
    """Return the event of the letter as somebody sees it."""
    key = (await letter(letters))["id"]
    return next(event for event in await letters.feed(who) if event["id"] == key)


async def sight(letters: Playing) -> set[str | None]:
    """Return who sees the head of the letter's event, None standing for those who are not members."""
    await check(letters)
    key = (await letter(letters))["id"]
    return {
        who
        for who in ("Gia", "Mira", "Pia", None)
        if any(event["id"] == key and "type" in event for event in await letters.feed(who))
    }


async def move(letters: Playing, who: str, action: str, **given: str) -> None:
    await letters.do(who, action, input={"which": (await letter(letters))["id"], **given})


async def test_an_event_is_revealed_and_concealed_at_all_times_at_once(letters: Playing) -> None:
    assert await sight(letters) == {"Gia", "Mira"}
    for _ in range(2):
        await move(letters, "Mira", "show")
        await move(letters, "Mira", "show")
        assert await sight(letters) == {"Gia", "Mira", "Pia"}
        await move(letters, "Mira", "hide")
        await move(letters, "Mira", "hide")
        assert await sight(letters) == {"Gia", "Mira"}
    await move(letters, "Gia", "relay")
    assert await sight(letters) == {"Gia", "Mira", "Pia", None}
    await move(letters, "Gia", "hide", **{"from": "all"})
    assert await sight(letters) == {"Gia"}
    await move(letters, "Gia", "flip")
    assert await sight(letters) == {"Gia"}


async def test_the_other_parts_of_the_event_keep_their_audiences(letters: Playing) -> None:
    before = {who: await seen(letters, who) for who in ("Mira", "Pia")}
    assert set(before["Pia"]) == {"id", "at", "changes"}
    await move(letters, "Mira", "show")
    shown = await seen(letters, "Pia")
    assert (shown["narrative"], shown["changes"]) == ("dear Pia", before["Pia"]["changes"])
    assert "input" not in shown
    assert await seen(letters, "Mira") == before["Mira"]
    await move(letters, "Mira", "hide")
    await move(letters, "Mira", "hide", **{"from": "me"})
    left = await seen(letters, "Mira")
    assert (left["input"], left["changes"]) == (before["Mira"]["input"], before["Mira"]["changes"])
    assert "type" not in left
    assert await seen(letters, "Pia") == before["Pia"]
    await check(letters)


async def test_who_sees_everything_finds_what_was_moved_and_nobody_else(letters: Playing) -> None:
    key = (await letter(letters))["id"]
    mira = (await letters.feed("Gia"))[0]["by"]["id"]
    await move(letters, "Mira", "show")
    await move(letters, "Mira", "show")
    again, shown = (await letters.feed("Gia"))[:2]
    assert shown["moved"] == [{"event": key, "before": [f"user:{mira}"], "after": ["members", f"user:{mira}"]}]
    assert "moved" not in again
    assert [event["id"] for event in await letters.feed("Mira") if "moved" in event] == []
    await move(letters, "Gia", "show", to="me")
    assert "moved" in (await letters.feed("Gia"))[0]


async def test_it_is_found_by_its_words_by_those_alone_who_see_it(letters: Playing) -> None:
    async def found(who: str) -> list[Any]:
        return [event.get("type") for event in (await letters.get(who, "/feed?q=dear")).json()["data"]]

    assert (await found("Pia"), "write" in await found("Mira")) == ([], True)
    await move(letters, "Mira", "show")
    assert await found("Pia") == ["write"]
    await move(letters, "Mira", "hide")
    await move(letters, "Mira", "hide", **{"from": "me"})
    assert (await found("Pia"), "write" in await found("Mira")) == ([], False)


async def test_what_one_does_not_see_cannot_be_revealed_and_is_not_there(letters: Playing) -> None:
    key = (await letter(letters))["id"]
    before = await letters.tables("idempotent_answers")
    hidden = await letters.act("Pia", "show", input={"which": key})
    missing = await letters.act("Pia", "show", input={"which": NOWHERE})
    assert (hidden.status_code, codes(hidden)) == (404, ["not_found"])
    assert hidden.content == missing.content
    assert codes(await letters.act("Pia", "show", input={"which": "garbage"})) == ["invalid_input"]
    entity = next(iter((await letters.all("Pia", "box")).values()))["id"]
    assert (await letters.act("Pia", "show", input={"which": entity})).content == missing.content
    assert await letters.tables("idempotent_answers") == before


async def test_the_event_of_another_world_is_not_there(letters: Playing) -> None:
    made = await letters.server.client.post(
        "/api/v1/worlds", json={"pack": "letters", "title": "Other"}, headers=letters.players["Gia"]
    )
    other = Playing(letters.server, made.json()["data"]["id"], letters.players)
    answer = await other.act("Gia", "show", input={"which": (await letter(letters))["id"]})
    assert codes(answer) == ["not_found"]


async def test_tampering_with_what_was_moved_is_found(letters: Playing) -> None:
    await move(letters, "Mira", "show")
    position = (await letter(letters))["position"]
    units = letters.server.app.state.context.units
    where = (EventAudienceRow.position == position, EventAudienceRow.key == b"m", EventAudienceRow.facet == 0)
    for statement in (
        delete(EventAudienceRow).where(*where),
        delete(MovedEventRow).where(MovedEventRow.position == position),
        update(MovedEventRow).where(MovedEventRow.position == position).values(keys=["everyone"]),
    ):
        async with units.write() as unit:  # never committed
            await unit.session.execute(statement)
            with pytest.raises(IntegrityError, match=f"event {position} "):
                await verify(unit, letters.world, letters.server.app.state.packs)
    await check(letters)
