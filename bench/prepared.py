"""Makes a world over HTTP, with users, characters, plans and crates, and writes the requests that load it."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

PACK: Final = Path(__file__).parent / "pack" / "pack.yaml"
PASSWORD: Final = "correct horse battery"  # noqa: S105 - guards nothing
CRATES: Final = 100
EVENTS_AT_ONCE: Final = 100


class Api:
    """Calls a server as whoever logged in last; connects anew each time, since a kept connection would time out."""

    def __init__(self, port: int) -> None:
        """Connect at each call."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self.token = ""

    def log_in(self, name: str, *, register: bool = True) -> str:
        """Return the access token of a user, who is made for it."""
        email = f"{name}@bench.example.org"
        if register:
            self.call("POST", "/auth/register", {"email": email, "name": name, "password": PASSWORD})
        form = urlencode({"username": email, "password": PASSWORD})
        self.token = str(self._send("POST", "/auth/token", form, "application/x-www-form-urlencoded")["access_token"])
        return self.token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the data of an answer; raises RuntimeError for any that is not a success."""
        return self._send(method, path, json.dumps(body) if body is not None else None, "application/json")["data"]

    def all(self, path: str) -> list[dict[str, Any]]:
        """Return the items of all pages of a list, whose path has a query."""
        found: list[dict[str, Any]] = []
        following: str | None = ""
        while following is not None:
            page = self._send("GET", path + (following and f"&cursor={following}"), None, "application/json")
            found += page["data"]
            following = page["meta"].get("next")
        return found

    def _send(self, method: str, path: str, body: str | None, content_type: str) -> dict[str, Any]:
        headers = {"Content-Type": content_type, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        self._connection.request(method, f"/api/v1{path}", body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        self._connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:1000]!r}")
        told: dict[str, Any] = json.loads(text)
        return told


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody who works on a plan of their own."""

    token: str
    character: str
    plan: str


@dataclass(frozen=True, slots=True)
class World:
    """A world to be loaded."""

    id: str
    gm: str
    players: tuple[Player, ...]

    def work(self, client: int) -> str:
        """Return the request by which one of the players acts."""
        player = self.players[client % len(self.players)]
        body = {"actor": player.character, "target": player.plan, "input": {"effort": 1}}
        return post(f"/api/v1/worlds/{self.id}/actions/work", body, player.token)

    def feed(self, client: int) -> str:
        """Return the request for the newest 50 events."""
        return get(f"/api/v1/worlds/{self.id}/feed?limit=50", self.players[client % len(self.players)].token)

    def crates(self, client: int) -> str:
        """Return the request for 20 entities of a kind of which each viewer sees a third."""
        token = self.players[client % len(self.players)].token
        return get(f"/api/v1/worlds/{self.id}/entities?kind=crate&limit=20", token)


def echoed(_client: int) -> str:
    """Return the request to the bare endpoint: as long as the one to act, and with a token that nobody reads."""
    key = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
    return post("/echo", {"actor": key, "target": key, "input": {"effort": 1}}, "x" * 300)


def post(path: str, body: Any, token: str) -> str:
    """Return a whole request."""
    text = json.dumps(body)
    length = f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
    return f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{length}\r\n{text}"


def get(path: str, token: str) -> str:
    """Return a whole request."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"


class Preparer:
    """Makes users once, and worlds in which they take part."""

    def __init__(self, port: int, players: int) -> None:
        """Make the users of a fresh server."""
        self._api = Api(port)
        self._gm = self._api.log_in("gm")
        self._api.call("POST", "/packs", {"files": {"pack.yaml": PACK.read_text(encoding="utf-8")}})
        self._users = [(f"player{number}", self._fresh(f"player{number}")) for number in range(players)]

    def world(self, players: int | None = None) -> World:
        """Make a world with its players and crates."""
        self._api.token = self._gm
        made = self._api.call("POST", "/worlds", {"pack": "bench", "title": "Harbor", "joining": "open"})
        key = str(made["id"])
        factions = [one["id"] for one in self._api.call("GET", f"/worlds/{key}/entities?kind=faction")]
        for faction in factions:
            names = [f"Crate {number}" for number in range(CRATES)]
            self._act(key, "stock", {"names": names, "faction": faction})
        entered = self._users[:players]
        joined = [self._enter(key, name, token, factions[n % len(factions)]) for n, (name, token) in enumerate(entered)]
        return World(key, self._gm, tuple(joined))

    def lengthen(self, world: World, events: int) -> None:
        """Add events that are not actions of players, so that the log has at least so many."""
        self._api.token = world.gm
        newest = self._api.call("GET", f"/worlds/{world.id}/feed?limit=1")
        missing = events - int(newest[0]["position"])
        while missing > 0:
            words = [f"word {number}" for number in range(min(EVENTS_AT_ONCE, missing))]
            self._act(world.id, "gossip", {"words": words})
            missing -= len(words) + 1

    def _fresh(self, name: str) -> str:
        self._api.token = ""
        return self._api.log_in(name)

    def _enter(self, world: str, name: str, token: str, faction: str) -> Player:
        self._api.token = token
        self._act(world, "member.join", {})
        events = self._act(world, "enter", {"name": name, "faction": faction})
        made = {change["kind"]: change["entity"] for event in events for change in event.get("changes", ())}
        return Player(token, made["character"], made["plan"])

    def _act(self, world: str, action: str, given: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self._api.call("POST", f"/worlds/{world}/actions/{action}", {"input": given})
        events: list[dict[str, Any]] = answer["events"]
        return events
