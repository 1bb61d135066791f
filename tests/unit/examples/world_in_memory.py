"""A server's answers, from the pack's real rules over a world in memory: as far as the replay asks for them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2

from reality_engine.eventlog.event import Event, Undone
from reality_engine.kernel.chance import SeededChance, new_seed
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.packs.loader import load_pack
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted, Refused, Request
from reality_engine.state.entity import Entity, unique_key
from reality_engine.state.fold import fold

PACK_FILE = Path(__file__).parents[3] / "examples/git_history/pack/pack.yaml"
NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)


@dataclass
class IndexedWorld:
    """Facts over entities that are found by their unique fields at once; acts by the rules."""

    pack = load_pack(PACK_FILE)
    principal = Principal(PrincipalKind.PERSON, fresh_id(NOW), "Historian")
    entities: dict[str, Entity] = field(default_factory=dict)
    unique: dict[tuple[str, str, str], str] = field(default_factory=dict)
    occurred: list[str | None] = field(default_factory=list)

    def entity(self, key: str) -> Entity | None:
        """See Facts."""
        return self.entities.get(key)

    def find(self, kind: str, name: str, key: str) -> str | None:
        """See Facts."""
        return self.unique.get((kind, name, key))

    def referring(self, entity: str, kind: str, name: str) -> frozenset[str]:
        """See Facts."""
        raise NotImplementedError(entity, kind, name)

    def act(self, action: str, **parts: Any) -> Accepted | Refused:
        """Decide, and fold what happens."""
        decision = decide(self.pack, Request(action, self.principal, **parts), self, NOW, SeededChance(new_seed()))
        assert isinstance(decision, Accepted | Refused), decision
        if isinstance(decision, Accepted):
            for event in decision.events:
                self._put(fold(self.entities, [seen.change for seen in event.changes]))
                self.occurred.append(event.occurred_at)
        return decision

    def event(self, key: str) -> frozenset[str] | None:
        """Know of no event: no action of this pack names one."""
        return None if key else frozenset()

    def past_event(self, key: str) -> Event | None:
        """Know of no event."""
        raise NotImplementedError(key)

    def cascade(self, key: str) -> tuple[Event, ...]:
        """Know of no event."""
        raise NotImplementedError(key)

    def undone(self, key: str) -> Undone | None:
        """Know of no event."""
        raise NotImplementedError(key)

    def found(self, title: str) -> None:
        """Make the world."""
        self.act("world.create", input={"title": title}, founding=True)

    def of_kind(self, kind: str) -> list[Entity]:
        """Return the entities of a kind, by id."""
        return sorted((one for one in self.entities.values() if one.kind == kind), key=lambda one: one.id)

    def _put(self, changed: dict[str, Entity]) -> None:
        for entity in changed.values():
            self.entities[entity.id] = entity
            for name, spec in self.pack.kinds[entity.kind].fields.items():
                if spec.unique and entity.get(name) is not None:
                    self.unique[entity.kind, name, unique_key(entity.get(name))] = entity.id


def nothing_goes_wrong(_: int) -> None:
    """Let every request succeed."""


@dataclass
class FakeServer:
    """Answers requests in the forms of the API. `trouble` is asked once a request was done, with its number."""

    trouble: Callable[[int], httpx2.Response | None] = nothing_goes_wrong
    accounts: dict[str, str] = field(default_factory=dict)
    world: IndexedWorld = field(default_factory=IndexedWorld)
    done: dict[str, tuple[bytes, httpx2.Response]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    token: int = 0
    page: int = 40

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer, unless there is trouble."""
        path = request.url.path.removeprefix("/api/v1")
        self.requests.append(path)
        answer = self._auth(path, request) if path.startswith("/auth") else self._signed(path, request)
        return self.trouble(len(self.requests)) or answer

    def _auth(self, path: str, request: httpx2.Request) -> httpx2.Response:
        body = request.content.decode()
        if path == "/auth/register":
            told = json.loads(body)
            if told["email"] in self.accounts:
                return failure(409, "email_taken")
            self.accounts[told["email"]] = told["password"]
            return httpx2.Response(201, json={"data": {}, "meta": {}, "errors": []})
        if path == "/auth/token":
            form = parse_qs(body)
            if self.accounts.get(form["username"][0]) != form["password"][0]:
                return failure(400, "bad_credentials")
        elif json.loads(body)["refresh_token"] != f"refresh-{self.token}":
            return failure(401, "token_reused")
        self.token += 1
        return httpx2.Response(
            200, json={"access_token": f"access-{self.token}", "refresh_token": f"refresh-{self.token}"}
        )

    def _signed(self, path: str, request: httpx2.Request) -> httpx2.Response:
        if request.headers.get("authorization") != f"Bearer access-{self.token}":
            return failure(401, "token_expired")
        if request.method == "GET":
            return self._list(request.url.params)
        key = request.headers.get("idempotency-key", "")
        assert re.fullmatch("[!-~]{0,200}", key)
        if key in self.done:
            body, answer = self.done[key]
            return answer if body == request.content else failure(422, "idempotency_key_reused")
        answer = self._post(path, json.loads(request.content))
        if key:
            self.done[key] = request.content, answer
        return answer

    def _post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        if path == "/packs":
            assert body == {"files": {"pack.yaml": PACK_FILE.read_text(encoding="utf-8")}}
            return success({"name": "git_history", "version": "1.0.0"})
        if path == "/worlds":
            self.world.found(body["title"])
            return success({"id": "w1"})
        decision = self.world.act(path.rpartition("/")[2], **body)
        if isinstance(decision, Refused):
            return failure(422, decision.code, decision.message)
        return success({"outcome": "accepted", "events": [{"at": "2026-05-01T12:00:00.000000Z"}]})

    def _list(self, parameters: httpx2.QueryParams) -> httpx2.Response:
        start = int(parameters.get("cursor", "0"))
        found = self.world.of_kind(parameters["kind"])
        shown = [{"id": one.id, "kind": one.kind, "fields": dict(one.fields)} for one in found]
        more = {"next": str(start + self.page)} if len(shown) > start + self.page else {}
        return success(shown[start : start + self.page], more)


def success(data: object, meta: object = None) -> httpx2.Response:
    """Return an envelope with data."""
    return httpx2.Response(200, json={"data": data, "meta": meta or {}, "errors": []})


def failure(status: int, code: str, message: str = "no") -> httpx2.Response:
    """Return an envelope with an error."""
    error = {"code": code, "message": message, "field": None, "hint": None}
    return httpx2.Response(status, json={"data": None, "meta": {}, "errors": [error]})
