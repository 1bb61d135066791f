"""Makes a world of packs/commons over HTTP, with gatherers who never run out of anything; nothing is killed here."""

import random
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tests.crash.book import Book, Person
from tests.crash.wire import Wire

PACK: Final = Path(__file__).parents[2] / "packs" / "commons" / "pack.yaml"
STOCK: Final = 1_000_000_000
PATCHES: Final = 4
PASSWORD: Final = "correct horse battery"


async def settled(port: int, people: int, seed: int) -> Book:
    """Make a world, and everybody who lives in it."""
    wire = Wire(port)
    steward = wire.token = await _somebody(wire, "steward")
    await wire.send("POST", "/packs", PACK.read_bytes(), "application/yaml")
    made = await wire.call("POST", "/worlds", {"pack": "commons", "title": "Crash", "joining": "open"})
    world = str(made.data["id"])
    names = [f"Plot {number}" for number in range(PATCHES)]
    plots = {"names": names, "stock": STOCK, "capacity": STOCK, "growth": 0.1}
    patches = await _act(wire, world, "found_patches", plots)
    band, market = [await _only(wire, world, kind, name) for kind, name in (("band", "Herons"), ("market", "Landing"))]
    crowd = []
    for number in range(people):
        wire.token = await _somebody(wire, f"bot{number}")
        await _act(wire, world, "member.join", {})
        (gatherer,) = await _act(wire, world, "settle", {"name": f"Bot {number}", "band": band})
        crowd.append(Person(wire.token, gatherer, random.Random(f"{seed} {number}")))
    wire.token = steward
    newest = await wire.call("GET", f"/worlds/{world}/feed?limit=1")
    wire.close()
    return Book(world, steward, market, patches, crowd, position=newest.data[0]["position"])


async def _somebody(wire: Wire, name: str) -> str:
    email = f"{name}@example.org"
    wire.token = ""
    registered = await wire.call("POST", "/auth/register", {"email": email, "name": name, "password": PASSWORD})
    assert registered.status == 201, registered
    form = urlencode({"username": email, "password": PASSWORD}).encode()
    reply = await wire.send("POST", "/auth/token", form, "application/x-www-form-urlencoded")
    return str(reply.body["access_token"])


async def _act(wire: Wire, world: str, action: str, given: dict[str, Any]) -> list[str]:
    """Act, and return the ids of what was created."""
    reply = await wire.call("POST", f"/worlds/{world}/actions/{action}", {"input": given})
    return [str(one["id"]) for one in reply.data["created"] if one["kind"] != "member"]


async def _only(wire: Wire, world: str, kind: str, word: str) -> str:
    reply = await wire.call("GET", f"/worlds/{world}/entities?kind={kind}&q={word.lower()}")
    (found,) = reply.data
    return str(found["id"])
