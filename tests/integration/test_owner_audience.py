"""Who owns something may be seen by others than who see the thing: in state, in lists, in events and in past states."""

from collections.abc import AsyncIterator

import pytest

from tests.checking import check
from tests.playing import Playing, play
from tests.serving import serving

PACK = """
pack: banks
version: 1.0.0
title: Banks
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  account:
    owned: true
    visible_to: [members]
    owner_visible_to: [owner, {when: self.open, to: [everyone]}]
    fields: {name: {type: text, required: true}, open: {type: boolean, default: false}}
  purse:
    owned: true
    visible_to: [owner]
    owner_visible_to: [members]
    fields: {name: {type: text, required: true}}
actions:
  found:
    input: {name: text}
    allow: "true"
    effects:
      - create: {kind: account, fields: {name: =input.name}}
      - create: {kind: purse, fields: {name: =input.name}}
    visible_to: [members]
  give:
    target: account
    input: {to: text}
    allow: "true"
    effects: [{own: {entity: target, owner: =input.to}}]
    visible_to: [members]
  open:
    target: account
    allow: "true"
    effects: [{set: {target.open: true}}]
    visible_to: [members]
"""


@pytest.fixture
async def banks(database_url: str) -> AsyncIterator[Playing]:
    """Yield a world in which accounts hide whose they are."""
    async with serving(database_url) as server:
        yield await play(server, PACK, "banks")


async def test_the_owner_is_shown_to_who_may_see_it_and_to_nobody_else(banks: Playing) -> None:
    await banks.do("Mira", "found", input={"name": "blue"})
    mira = (await banks.all("Mira", "account"))["blue"]["owner"]
    assert "owner" not in (await banks.all("Pia", "account"))["blue"]
    assert (await banks.all("Gia", "account"))["blue"]["owner"] == mira
    (purse,) = (await banks.all("Pia", "purse")).values()
    assert (purse["owner"], purse["fields"]) == (mira, {})
    seen = (await banks.feed("Pia"))[0]["changes"]
    assert [(change["kind"], change["field"]) for change in seen] == [
        ("account", "@life"), ("account", "name"), ("account", "open"), ("purse", "@owner"),
    ]  # fmt: skip
    await check(banks)


async def test_a_change_of_owner_is_seen_by_who_sees_the_owner_each_side_for_itself(banks: Playing) -> None:
    await banks.do("Mira", "found", input={"name": "blue"})
    key, mira = await banks.id_of("account", "blue"), (await banks.all("Mira", "account"))["blue"]["owner"]
    members = (await banks.all("Gia", "member")).values()
    pia = next(one["fields"]["user"] for one in members if one["fields"]["name"].startswith("Pia"))
    before = (await banks.get("Gia", f"/entities/{key}")).json()["data"]
    await banks.do("Gia", "give", target=key, input={"to": pia})
    place = {"entity": key, "kind": "account", "field": "@owner"}
    assert (await banks.feed("Pia"))[0]["changes"] == [place | {"after": pia}]
    assert (await banks.feed("Mira"))[0]["changes"] == [place | {"before": mira}]
    assert "owner" not in (await banks.all("Mira", "account"))["blue"]
    assert (await banks.all("Pia", "account"))["blue"]["owner"] == pia
    assert (await banks.get("Gia", f"/entities/{key}")).json()["data"]["etag"] != before["etag"]
    await banks.do("Pia", "open", target=key)
    assert (await banks.all("Mira", "account"))["blue"]["owner"] == pia
    await banks.do("Gia", "give", target=key, input={"to": ""})
    assert "owner" not in (await banks.all("Gia", "account"))["blue"]
    await check(banks)


async def test_who_does_not_see_the_owner_does_not_see_that_it_changed(banks: Playing) -> None:
    await banks.do("Mira", "found", input={"name": "blue"})
    key = await banks.id_of("account", "blue")
    before = (await banks.get("Pia", f"/entities/{key}")).json()["data"]
    await banks.do("Gia", "give", target=key, input={"to": ""})
    assert (await banks.get("Pia", f"/entities/{key}")).json()["data"] == before
