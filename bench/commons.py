"""Makes worlds of packs/commons over HTTP, and writes the requests that load them; measures nothing."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from bench.api import Api, get, post
from bench.servers import ROOT

PACK: Final = ROOT / "packs" / "commons" / "pack.yaml"
PATCHES: Final = 1_000
PLENTY: Final = 1_000_000_000  # measures of stock, so that nothing runs short
BATCH: Final = 1_000
_AT_ONCE: Final = 4
_EFFORT: Final = {"effort": 1}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can log in, and has."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Who gathers, and the token of its owner."""

    token: str
    id: str


@dataclass(frozen=True, slots=True)
class World:
    """A world to be loaded: who gathers there, and where. Clients are numbered from nought."""

    id: str
    gatherers: Sequence[Gatherer]
    patches: Sequence[str]

    def spread(self, client: int) -> str:
        """Return the request to gather from a patch of one's own."""
        return self._gather(client, self.patches[client % len(self.patches)])

    def hot(self, client: int) -> str:
        """Return the request to gather from the one patch that all gather from."""
        return self._gather(client, self.patches[0])

    def feed(self, client: int) -> str:
        """Return the request for the newest 20 events."""
        return get(f"/api/v1/worlds/{self.id}/feed?limit=20", self._who(client).token)

    def list(self, client: int) -> str:
        """Return the request for 20 patches."""
        return get(f"/api/v1/worlds/{self.id}/entities?kind=patch&limit=20", self._who(client).token)

    def batch(self, client: int) -> str:
        """Return the request to gather a thousand times, from one patch after the other."""
        return post(f"/api/v1/worlds/{self.id}/actions/batch", self.many(client), self._who(client).token)

    def many(self, client: int) -> dict[str, Any]:
        """Return the body of a batch."""
        who = self._who(client).id
        targets = (self.patches[number % len(self.patches)] for number in range(BATCH))
        return {"actions": [{"action": "gather", "actor": who, "target": one, "input": _EFFORT} for one in targets]}

    def _who(self, client: int) -> Gatherer:
        return self.gatherers[client % len(self.gatherers)]

    def _gather(self, client: int, target: str) -> str:
        who = self._who(client)
        body = {"actor": who.id, "target": target, "input": _EFFORT}
        return post(f"/api/v1/worlds/{self.id}/actions/gather", body, who.token)


class Settlers:
    """The users of a fresh server, and the worlds that they settle in."""

    def __init__(self, port: int, users: int) -> None:
        """Make the pack and the users."""
        self._port = port
        self._steward = Api(port)
        self._steward.log_in("steward")
        self._steward.call("POST", "/packs", {"files": {"pack.yaml": PACK.read_text(encoding="utf-8")}})
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            self._users = list(pool.map(self._fresh, range(users)))

    def world(self, users: slice = slice(None)) -> World:
        """Make a world in which some of the users, or all, have a gatherer each."""
        api = self._steward
        key = str(api.call("POST", "/worlds", {"pack": "commons", "title": "Load", "joining": "open"})["id"])
        wide = {"stock": PLENTY, "capacity": PLENTY, "names": [f"Patch {number}" for number in range(PATCHES)]}
        made: dict[str, Any] = api.call("POST", f"/worlds/{key}/actions/found_patches", {"input": wide})
        bands = [str(one["id"]) for one in api.all(f"/worlds/{key}/entities?kind=band&limit=20")]
        chosen = self._users[users]
        joining = [(key, user, bands[number % len(bands)]) for number, user in enumerate(chosen)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            settled = list(pool.map(self._settle, joining))
        return World(key, settled, [str(one["id"]) for one in made["created"] if one["kind"] == "patch"])

    def position(self, world: World) -> int:
        """Return the position of the newest event of a world."""
        newest = self._steward.call("GET", f"/worlds/{world.id}/feed?limit=1")
        return int(newest[0]["position"])

    def check_batch(self, world: World) -> None:
        """Send one batch; raises RuntimeError where not all of it happened, which the status of the answer hides."""
        api = Api(self._port)
        api.token = world.gatherers[0].token
        done = api.call("POST", f"/worlds/{world.id}/actions/batch", world.many(0))
        if bad := [one for one in done if one["status"] != 200]:
            raise RuntimeError(f"{len(bad)} of {len(done)} actions of a batch failed: {bad[0]}")

    def _fresh(self, number: int) -> User:
        name = f"bot{number}"
        return User(name, Api(self._port).log_in(name))

    def _settle(self, joining: tuple[str, User, str]) -> Gatherer:
        world, user, band = joining
        api = Api(self._port)
        api.token = user.token
        api.act(world, "member.join")
        made = api.act(world, "settle", input={"name": user.name, "band": band})
        return Gatherer(user.token, made["gatherer"])
