"""Reveal and conceal move the audience of one field of one entity: for whom, for how long, and in the log."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.checking import check
from tests.playing import Playing, play
from tests.serving import serving

PACK = """
pack: graves
version: 1.0.0
title: Graves
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  grave:
    owned: true
    visible_to: [members]
    fields:
      name:  {type: text, required: true, max_length: 80, unique: true}
      open:  {type: boolean, default: false}
      bones: {type: integer, default: 3, index: true, visible_to: [owner]}
      gold:  {type: integer, default: 5, visible_to: [{when: self.open, to: [members]}]}
      curse: {type: text, default: woe, visible_to: [everyone]}
actions:
  dig:
    input: {name: {type: text, max_length: 80}}
    allow: "true"
    effects: [{create: {kind: grave, fields: {name: =input.name}}}]
    visible_to: [members]
  show: {target: grave, allow: "true", effects: [{reveal: {field: target.bones, to: [actor]}}], visible_to: [members]}
  hide:
    target: grave
    allow: "true"
    effects: [{conceal: {field: target.bones, from: [actor]}}]
    visible_to: [members]
  shout: {target: grave, allow: "true", effects: [{reveal: {field: target.bones, to: [members]}}]}
  bury: {target: grave, allow: "true", effects: [{conceal: {field: target.bones}}], visible_to: [members]}
  cover: {target: grave, allow: "true", effects: [{conceal: {field: target.gold, from: [members]}}]}
  uncover: {target: grave, allow: "true", effects: [{reveal: {field: target.gold, to: [members]}}]}
  unlock: {target: grave, allow: "true", effects: [{set: {target.open: "=!target.open"}}]}
  count: {target: grave, allow: "true", effects: [{add: {target.bones: 1}}], visible_to: [members]}
  hush: {target: grave, allow: "true", effects: [{conceal: {field: target.curse, from: [everyone]}}]}
  wipe: {target: grave, allow: "true", effects: [{delete: target}]}
  mend: {target: grave, allow: "true", effects: [{restore: target}]}
"""


@pytest.fixture
async def graves(database_url: str) -> AsyncIterator[Playing]:
    """Yield a world with a grave of Mira's."""
    async with serving(database_url) as server:
        playing = await play(server, PACK, "graves", public=True)
        await playing.do("Mira", "dig", input={"name": "old"})
        yield playing


async def sight(graves: Playing, field: str) -> set[str | None]:
    """Return who sees a field of the grave, None standing for those who are not members."""
    await check(graves)
    key = await graves.id_of("grave", "old")
    seen: set[str | None] = set()
    for who in ("Gia", "Mira", "Pia", None):
        answer = await graves.get(who, f"/entities/{key}")
        if answer.status_code == 200 and field in answer.json()["data"]["fields"]:
            seen.add(who)
    return seen


async def act(graves: Playing, who: str, *actions: str) -> list[dict[str, Any]]:
    key = await graves.id_of("grave", "old")
    return [(await graves.do(who, action, target=key))[0] for action in actions]


async def test_a_field_is_revealed_to_some_and_concealed_again_as_often_as_one_likes(graves: Playing) -> None:
    assert await sight(graves, "bones") == {"Gia", "Mira"}
    for _ in range(2):
        await act(graves, "Pia", "show", "show")
        assert await sight(graves, "bones") == {"Gia", "Mira", "Pia"}
        await act(graves, "Pia", "hide", "hide")
        assert await sight(graves, "bones") == {"Gia", "Mira"}
    await act(graves, "Gia", "shout")
    assert await sight(graves, "bones") == {"Gia", "Mira", "Pia"}


async def test_what_is_concealed_from_an_owner_is_so_whatever_the_kind_says(graves: Playing) -> None:
    await act(graves, "Mira", "hide")
    assert await sight(graves, "bones") == {"Gia"}
    await act(graves, "Mira", "show")
    assert await sight(graves, "bones") == {"Gia", "Mira"}


async def test_what_is_concealed_from_all_is_seen_by_those_alone_to_whom_it_is_revealed_after(graves: Playing) -> None:
    await act(graves, "Gia", "shout", "bury")
    assert await sight(graves, "bones") == {"Gia"}
    await act(graves, "Pia", "show")
    assert await sight(graves, "bones") == {"Gia", "Pia"}
    await act(graves, "Gia", "bury", "bury")
    assert await sight(graves, "bones") == {"Gia"}


async def test_an_audience_is_taken_back_by_its_name_not_by_those_who_belong_to_it(graves: Playing) -> None:
    await act(graves, "Gia", "hush")
    assert await sight(graves, "curse") == {"Gia"}
    await act(graves, "Gia", "shout")
    await act(graves, "Pia", "hide")
    assert await sight(graves, "bones") == {"Gia", "Mira", "Pia"}


async def test_a_condition_that_comes_to_hold_does_not_undo_what_an_effect_did(graves: Playing) -> None:
    await act(graves, "Gia", "uncover")
    assert await sight(graves, "gold") == {"Gia", "Mira", "Pia"}
    await act(graves, "Gia", "cover", "unlock")
    assert await sight(graves, "gold") == {"Gia"}
    await act(graves, "Gia", "uncover", "unlock")
    assert await sight(graves, "gold") == {"Gia", "Mira", "Pia"}


async def test_it_outlasts_deletion(graves: Playing) -> None:
    await act(graves, "Pia", "show")
    key = await graves.id_of("grave", "old")
    await graves.do("Gia", "wipe", target=key)
    await check(graves)
    await graves.do("Gia", "mend", target=key)
    assert await sight(graves, "bones") == {"Gia", "Mira", "Pia"}


async def test_changes_are_seen_by_those_who_saw_the_field_then(graves: Playing) -> None:
    await act(graves, "Mira", "count")
    await act(graves, "Pia", "show")
    await act(graves, "Mira", "count")
    await act(graves, "Pia", "hide")
    await act(graves, "Mira", "count")
    seen = [event.get("changes") for event in await graves.feed("Pia", 5)]
    place = {"entity": await graves.id_of("grave", "old"), "kind": "grave", "field": "bones"}
    assert seen == [None, None, [place | {"before": 4, "after": 5}], None, None]


async def test_what_moved_an_audience_is_told_to_who_sees_everything(graves: Playing) -> None:
    await act(graves, "Pia", "show")
    assert [change["field"] for change in (await graves.feed("Gia"))[0]["changes"]] == ["@audience"]
    assert "changes" not in (await graves.feed("Pia"))[0]


async def test_a_field_that_is_moved_shares_its_facet_with_none(graves: Playing) -> None:
    await act(graves, "Gia", "hush")
    key = await graves.id_of("grave", "old")
    assert set((await graves.get("Pia", f"/entities/{key}")).json()["data"]["fields"]) == {"name", "open"}
