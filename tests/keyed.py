"""Bots for tests, with keys that are made when they run; not what bots do."""

from dataclasses import dataclass
from typing import Any

import httpx2

from tests.serving import Serving

Headers = dict[str, str]


@dataclass
class Bot:
    """A bot of somebody's, by whose headers it is looked after."""

    server: Serving
    owner: Headers
    id: str

    async def mint(self, **limits: Any) -> dict[str, Any]:
        """Make a key and return all that is said of it."""
        made = await self.call("POST", "/keys", json={"label": "a machine", **limits})
        assert made.status_code == 201, made.text
        key: dict[str, Any] = made.json()["data"]
        return key

    async def key(self, **limits: Any) -> Headers:
        """Make a key and return the headers of requests with it."""
        return bearer(await self.mint(**limits))

    async def call(self, method: str, path: str = "", **parts: Any) -> httpx2.Response:
        """Send a request about the bot, as its owner."""
        headers = parts.pop("headers", self.owner)
        return await self.server.client.request(method, f"/api/v1/bots/{self.id}{path}", headers=headers, **parts)


async def bot_of(server: Serving, owner: Headers, name: str = "Crow") -> Bot:
    """Make a bot."""
    made = await server.client.post("/api/v1/bots", json={"name": name}, headers=owner)
    assert made.status_code == 201, made.text
    return Bot(server, owner, made.json()["data"]["id"])


def bearer(key: dict[str, Any]) -> Headers:
    """Return the headers of requests with a key."""
    return {"Authorization": f"Bearer {key['key']}"}
