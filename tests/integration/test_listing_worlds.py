import logging
from datetime import timedelta

import pytest
from sqlalchemy import update

from reality_engine.packs.models import PackVersionRow
from tests.playing import QUAY, YAML
from tests.serving import Serving, serving

Headers = dict[str, str]


async def world_of(server: Serving, who: Headers, pack: str, title: str) -> None:
    content = QUAY.replace("quay", pack, 1)
    assert (await server.client.post("/api/v1/packs", content=content, headers={**who, **YAML})).status_code < 300
    made = await server.client.post("/api/v1/worlds", json={"pack": pack, "title": title}, headers=who)
    assert made.status_code == 201, made.text


async def spoil(server: Serving, pack: str) -> None:
    """Make of a stored pack what a release that knew other things would have stored."""
    spoilt = update(PackVersionRow).where(PackVersionRow.name == pack).values(files={"pack.yaml": "moons: {}"})
    async with server.app.state.context.units.write() as unit:
        await unit.session.execute(spoilt)
        await unit.commit()


async def titles(server: Serving, who: Headers, limit: int) -> list[str]:
    """Walk through all pages."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = await server.client.get(f"/api/v1/worlds?{query}", headers=who)
        assert answer.status_code == 200, answer.text
        found += [one["title"] for one in answer.json()["data"]]
        cursor = answer.json()["meta"].get("next")
    return found


@pytest.mark.parametrize("limit", [1, 2, 20])
async def test_a_world_whose_pack_is_no_longer_understood_does_not_hide_the_others(
    database_url: str, limit: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(database_url) as server:
        gia = await server.user("Gia")
        for pack, title in (("old", "First"), ("quay", "Second"), ("old", "Third"), ("quay", "Fourth")):
            server.clock.advance(timedelta(seconds=1))
            await world_of(server, gia, pack, title)
        await spoil(server, "old")
    async with serving(database_url) as server:  # as after an upgrade: nothing is compiled yet
        with caplog.at_level(logging.ERROR, "reality_engine.worlds"):
            assert await titles(server, await server.login("Gia"), limit) == ["Fourth", "Second"]
    assert "cannot be compiled any more" in caplog.text
