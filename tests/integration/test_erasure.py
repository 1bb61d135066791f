"""What is erased with a person, in every world and for everybody, and what is not."""

from dataclasses import replace

import pytest

from reality_engine.erasure.service import Erasures
from reality_engine.kernel.principal import WORLD
from tests.checking import check
from tests.playing import Playing


@pytest.fixture
def erasures(table: Playing) -> Erasures:
    made: Erasures = table.server.app.state.erasures
    made.settle = 0
    return made


async def me(table: Playing, who: str) -> str:
    answer = await table.server.client.get("/api/v1/auth/me", headers=table.players[who])
    return str(answer.json()["data"]["id"])


async def said(table: Playing) -> str:
    """Return all that stands in any table, bytes too."""
    return repr(await table.tables())


async def test_a_person_is_erased_everywhere_and_the_log_still_verifies(table: Playing, erasures: Erasures) -> None:
    mira = await me(table, "Mira")
    hero = await table.character("Mira", "Xanthippe Quill", "The Crows")
    other = await table.character("Pia", "Bartholomew", "The Crows")
    assert "Xanthippe" in await said(table)
    erased = await erasures.erase(mira, WORLD)
    left = await said(table)
    assert "Xanthippe" not in left
    assert "xanthippe" not in left
    assert "Mira" not in left
    assert "mira@" not in left
    assert "Bartholomew" in left
    assert erased.finished_at is not None
    assert erased.values > 0
    await check(table)
    shown = (await table.get("Gia", f"/entities/{hero}")).json()["data"]
    assert shown["fields"]["name"] == "[erased]"
    assert (await table.get("Gia", f"/entities/{other}")).json()["data"]["fields"]["name"] == "Bartholomew"
    feed = await table.feed("Gia")
    assert feed[0]["type"] == "person.erased"
    assert feed[0]["data"]["values"] == erased.values
    again = await erasures.erase(mira, WORLD)
    assert replace(again, finished_at=None) == replace(erased, finished_at=None)
    assert len(await table.feed("Gia")) == len(feed)
    await check(table)
