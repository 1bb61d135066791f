"""A world of the quay pack over HTTP, with a game master and players; not the server, see `tests.serving`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from reality_engine.packs.compiled import CompiledPack
from tests.played import Copy, copied, fill
from tests.serving import NOON, Serving
from tests.tables import Dump, dump

if TYPE_CHECKING:
    from reality_engine.packs.cache import PackCache

QUAY = (Path(__file__).parent / "integration/quay.yaml").read_text(encoding="utf-8")
YAML = {"Content-Type": "application/yaml"}
NOWHERE = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"

Headers = dict[str, str]


@dataclass
class Playing:
    """A world, and who plays in it: headers by name."""

    server: Serving
    world: str
    players: dict[str, Headers] = field(default_factory=dict)

    async def call(self, who: str | None, method: str, path: str, **parts: Any) -> httpx2.Response:
        """Send a request below the world's path, as somebody or as nobody."""
        headers = {**self.players.get(who or "", {}), **parts.pop("headers", {})}
        address = f"/api/v1/worlds/{self.world}{path}"
        return await self.server.client.request(method, address, headers=headers, **parts)

    async def get(self, who: str | None, path: str = "") -> httpx2.Response:
        """Look."""
        return await self.call(who, "GET", path)

    async def act(
        self, who: str | None, action: str, key: str | None = None, headers: Headers | None = None, **body: Any
    ) -> httpx2.Response:
        """Ask to act; `body` is the request's."""
        sent = {**(headers or {}), **({"Idempotency-Key": key} if key else {})}
        return await self.call(who, "POST", f"/actions/{action}", json=body, headers=sent)

    async def do(self, who: str, action: str, **body: Any) -> list[dict[str, Any]]:
        """Act, which must be accepted, and return the events."""
        answer = await self.act(who, action, **body)
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()["data"]["events"]
        return events

    async def all(self, who: str | None, kind: str) -> dict[str, dict[str, Any]]:
        """Return the entities of a kind that somebody sees, by name."""
        found = (await self.get(who, f"/entities?kind={kind}&limit=100")).json()["data"]
        return {one["fields"].get("name", one["id"]): one for one in found}

    async def id_of(self, kind: str, name: str, who: str = "Gia") -> str:
        """Return the id of an entity."""
        return str((await self.all(who, kind))[name]["id"])

    async def feed(self, who: str | None, limit: int = 100) -> list[dict[str, Any]]:
        """Return the newest events that somebody sees."""
        answer = await self.get(who, f"/feed?limit={limit}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    async def tables(self, *but: str) -> Dump:
        """Return all that is stored."""
        return await dump(self.server.app.state.context.units, but)

    async def character(self, who: str, name: str, faction: str = "The Crows") -> str:
        """Bring a character into the world and return its id."""
        await self.do(who, "join_as", input={"name": name, "faction": await self.id_of("faction", faction)})
        return await self.id_of("character", name)


@dataclass(frozen=True, slots=True)
class _Played:
    """A world that was made, with what its server had compiled for it."""

    copy: Copy
    world: str
    players: dict[str, Headers]
    packs: tuple[CompiledPack, ...]


_PLAYED: dict[tuple[str, ...], _Played] = {}


async def play(server: Serving, pack: str = QUAY, name: str = "quay", **settings: Any) -> Playing:
    """Make a world of Gia, who is its game master, with Mira and Pia as players; Otto has an account, no more.

    It is made once; a database that nobody touched yet is filled with what was kept of that.
    """
    if server.touched or server.clock.now() != NOON:
        return await _made(server, pack, name, **settings)
    asked = (server.url.partition(":")[0], server.chosen, pack, name, repr(sorted(settings.items())))
    if asked not in _PLAYED:
        playing = await _made(server, pack, name, **settings)
        packs: PackCache = server.app.state.packs
        # A copy, since the test that made it may log its players in anew.
        _PLAYED[asked] = _Played(await copied(server.url), playing.world, dict(playing.players), tuple(packs))
        return playing
    kept = _PLAYED[asked]
    await fill(server.url, kept.copy)
    for one in kept.packs:
        server.app.state.packs.put(one)
    return Playing(server, kept.world, {who: dict(headers) for who, headers in kept.players.items()})


async def _made(server: Serving, pack: str, name: str, **settings: Any) -> Playing:
    players = {one: await server.user(one) for one in ("Gia", "Mira", "Pia", "Otto")}
    stored = await server.client.post("/api/v1/packs", content=pack, headers={**players["Gia"], **YAML})
    assert stored.status_code == 201, stored.text
    made = await server.client.post(
        "/api/v1/worlds", json={"pack": name, "title": "Tuesdays", **settings}, headers=players["Gia"]
    )
    assert made.status_code == 201, made.text
    playing = Playing(server, made.json()["data"]["id"], players)
    for one in ("Mira", "Pia"):
        answer = await playing.call("Gia", "POST", "/members", json={"email": f"{one.lower()}@example.org"})
        assert answer.status_code == 200, answer.text
    return playing
