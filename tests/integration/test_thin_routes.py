"""The thin routes beside the declared ones: the same requests, and answers that are the same to the byte."""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.middleware import Middleware

from reality_engine.app.api import make_app
from tests.asgi import Counting, Exchanged, exchanged
from tests.playing import NOWHERE, Playing, play
from tests.serving import serving, settings_for

JSON = (b"content-type", b"application/json")
LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Case:
    """A request below a world, its body in parts, and whether it is answered before a declared route is asked."""

    method: str
    path: str
    parts: tuple[bytes, ...] = (b"",)
    headers: tuple[tuple[bytes, bytes], ...] = ()
    who: str | None = "Mira"
    early: bool = True
    root: str = ""
    world: str | None = None

    @classmethod
    def act(cls, action: str, body: Any = None, **more: Any) -> "Case":
        """Ask to act; text and bytes are sent as they are."""
        raw = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = tuple(more.pop("headers", ())) or (JSON,)
        return cls("POST", f"/actions/{action}", more.pop("parts", (raw,)), headers, **more)

    @classmethod
    def look(cls, path: str, **more: Any) -> "Case":
        """Ask to see."""
        return cls("GET", path, headers=tuple(more.pop("headers", ())), **more)


@dataclass
class Both:
    """One world behind two applications, one of them without thin routes; `through` notes what the thin ones passed."""

    table: Playing
    thin: FastAPI
    ordinary: FastAPI
    through: list[str]
    ids: dict[str, str] = field(default_factory=dict)

    async def ask(self, app: FastAPI, case: Case) -> Exchanged:
        """Send a request to one of them."""
        headers = [(b"host", b"test"), (b"x-request-id", b"r-1"), *case.headers]
        named = {name.lower(): value for name, value in self.table.players.get(case.who or "", {}).items()}
        headers += [(name.encode(), value.encode()) for name, value in named.items()]
        parts = [self._filled(part) for part in case.parts]
        path = self._filled(case.path.encode()).decode()
        address = f"{case.root}/api/v1/worlds/{case.world or self.table.world}{path}"
        return await exchanged(app, case.method, address, headers, parts, case.root)

    async def differences(self, cases: Sequence[Case], *, fresh: bool = False) -> list[Any]:
        """Return what is not the same, or was not answered by whom it should be."""
        found: list[Any] = []
        for case in cases:
            if fresh:
                await self.ask(self.ordinary, case)  # so that both find what it leaves behind
            self.through.clear()
            thin = await self.ask(self.thin, case)
            took = not self.through
            ordinary = await self.ask(self.ordinary, case)
            if settled(thin, fresh=fresh) != settled(ordinary, fresh=fresh) or took != case.early:
                found.append((case.path, case.parts, case.headers, took, thin, ordinary))
        return found

    def _filled(self, text: bytes) -> bytes:
        for name, key in self.ids.items():
            text = text.replace(f"${name}".encode(), key.encode())
        return text


_DRAWN = rb'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|12:00:00\.\d{6}|(?<="position":)\d+'


def settled(answer: Exchanged, *, fresh: bool) -> Exchanged:
    """Take out of an answer what is drawn anew each time: sealed texts, and in a fresh one ids and moments too."""
    body = answer.body
    for sealed in (rb'(?<="cursor":")[^"]+', rb'(?<="next":")[^"]+'):
        body = re.sub(sealed, _crossed, body)
    if fresh:
        body = re.sub(_DRAWN, _crossed, body)
    return Exchanged(answer.status, answer.headers, body)


def _crossed(found: "re.Match[bytes]") -> bytes:
    return b"x" * len(found[0])


@pytest.fixture
async def both(database_url: str) -> AsyncIterator[Both]:
    async with serving(database_url, body_limit=LIMIT, log_level="warning") as server:
        through: list[str] = []
        server.app.user_middleware.append(Middleware(Counting, seen=through))
        ordinary = make_app(settings_for(database_url, body_limit=LIMIT, log_level="warning"), server.clock)
        ordinary.state = server.app.state
        table = await play(server)
        ids = {
            "cass": await table.character("Mira", "Cass"),
            "bel": await table.character("Pia", "Bel"),
            "crows": await table.id_of("faction", "The Crows"),
            "nowhere": NOWHERE,
        }
        yield Both(table, server.app, ordinary, through, ids)


def weigh(given: Any, **more: Any) -> Case:
    return Case.act("weigh", {"actor": "$cass", "input": {"weight": given}}, **more)


def secret(text: str) -> Case:
    return Case.act("keep_secret", {"actor": "$cass", "input": {"secret": text}})


ACCEPTED = (
    weigh(1), weigh(-0.0), weigh(1e300), weigh(1.5e-7), weigh(1e16), weigh(0.1),
    secret(""), secret('a"b\\c\n\t/\x7f\u2028é€🎲'),
    Case.act("join_as", {"input": {"name": "Dora", "faction": "$crows"}}),
    Case.act("join_as", b'{"input": {"name": "Dora", "name": "Dina", "faction": "$crows"}}'),
    Case.act("keep_secret", b'{"actor": "$cass", "input": {"secret": "\\u00e9\\/ \\ud83c\\udfb2"}}'),
    weigh(3, headers=[(b"content-type", b"application/json; charset=utf-8")]),
    weigh(3, headers=[(b"content-type", b"Application/JSON")]),
    weigh(7, headers=[JSON, (b"x-forwarded-for", b"a"), (b"x-forwarded-for", b"b")]),
    weigh(4, headers=[JSON, (b"user-agent", b"a bot"), (b"accept", b"text/html"), (b"cookie", b"a=b")]),
    Case.act("weigh", parts=(b'{"actor": "$cass", ', b'"input": {"wei', b'ght": 5}}', b"")),
    Case.act("set_plot", {"target": "$crows", "input": {"plot": "x"}, "occurred_at": None, "since": None}, who="Gia"),
    # What follows is passed on, and happens all the same.
    weigh(2, headers=[(b"content-type", b"application/vnd.api+json")], early=False),
    Case("POST", "/actions/weigh?explain=true", (b'{"actor": "$cass", "input": {"weight": 6}}',), (JSON,), early=False),
    Case.act("weigh", b'{"actor": "$cass", "input": {"weight": 12345678901234567.0}}', early=False),
    weigh(8, root="/behind", early=False),
)  # fmt: skip


async def test_what_is_done_is_told_alike(both: Both) -> None:
    assert await both.differences(ACCEPTED, fresh=True) == []


# Bodies that are JSON, but not of the form that an action has.
MISSHAPEN: tuple[Any, ...] = (
    b"", b"[]", b"null", b"1", b'"x"', {"actor": 1}, {"actor": "x" * 37}, {"input": []}, {"input": None},
    {"more": 1}, {"actor": "a", "actot": "b", "input": {}}, {"since": ""}, {"since": "x" * 5_000},
    {"occurred_at": "yesterday"}, {"occurred_at": 0}, {"occurred_at": "2026-01-01T00:00:00"}, {"input": {"big": 2**60}},
    b'{"input": {"weight": 123456789012345678901234567890}}',
)  # fmt: skip
REFUSED = (
    Case.act("nothing", {}), Case.act("a b", {}), Case.act("weigh", {}), Case.act("weigh", {"input": {"weight": 1}}),
    Case.act("advance_plan", {"actor": "$cass", "target": "$crows", "input": {"effort": 9}}),
    Case.act("advance_plan", {"actor": "$cass", "target": "$crows", "input": {"effort": True}}),
    Case.act("advance_plan", {"actor": "$cass", "target": "$crows", "input": {"effort": 3}}),
    Case.act("advance_plan", {"actor": "$bel", "target": "$crows"}),
    Case.act("advance_plan", {"actor": "$cass", "target": "$nowhere"}),
    Case.act("advance_plan", {"actor": "$cass", "target": "not an id"}),
    Case.act("give_coin", {"actor": "$cass", "target": "$bel", "input": {"coin": 20}}),
    Case.act("weigh", {"actor": "$cass", "input": {"weight": "heavy", "more": [1, {"a": None}]}}),
    Case.act("weigh", {}, who="Otto"), Case.act("weigh", {}, world=NOWHERE),
    Case.act("recount", {"target": "$crows", "occurred_at": "2026-01-01T00:00:00Z"}, who="Gia"),
    Case.act("set_plot", {"target": "$crows", "input": {"plot": "x"}}, headers=[JSON, (b"if-match", b"*")]),
    weigh(1, headers=[JSON, (b"if-match", b'"abc"')]),
    Case.act("advance_plan", {"actor": "$cass", "target": "$crows"}, headers=[JSON, (b"if-match", b'"abc"')]),
    Case.act("advance_plan", {"target": "$crows", "since": "forged"}, headers=[JSON, (b"if-match", b'W/"abc"')]),
    # A body that is not one, which no route gets to see.
    *(
        Case.act("weigh", body)
        for body in (
            b"{", b"\xff\xfe", b'{"actor": "\xff"}', b'{"actor": "\\ud800"}', b'{"a": NaN}', b"[" * 100,
            b'{"input": ' * 70 + b"1" + b"}" * 70, b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b'{"actor": "\\u0000"}',
            {"x": "y" * LIMIT},
        )
    ),
    Case.act("weigh", parts=(b'{"actor": "', b"x" * LIMIT, b'"}')),
    Case.act("weigh", {}, headers=[JSON, (b"content-length", b"99999999")]), Case.act("weigh?a=%00", {}),
    *(Case.act("weigh", body, early=False) for body in MISSHAPEN),
    Case("POST", "/actions/weigh", (b"",), (), early=False),
    Case.act("weigh", {}, headers=[(b"content-type", b"text/plain")], early=False),
    Case.act("weigh", {}, headers=[(b"content-type", b"text/x+json")], early=False),
    Case.act("weigh", {}, headers=[(b"content-type", b"")], early=False),
    Case.act("weigh", "a=b", headers=[(b"content-type", b"application/x-www-form-urlencoded")], early=False),
    Case.act("weigh", {}, headers=[JSON, JSON], early=False),
    # Headers that do not say who, or not well.
    Case.act("weigh", {}, who=None, early=False),
    *(
        Case.act("weigh", {}, who=None, headers=[JSON, (b"authorization", value)])
        for value in (
            b"", b"Bearer", b"Bearer ", b"Bearer  x", b"bearer x",
            b"Basic YTpi", b"Bearer a b", b"Bearer x", b"Bearer \xff",
            b"Bearer " + b"x" * 3_000, b"Bearer eyJhbGciOiJub25lIn0.e30.",
        )
    ),
    Case.act("weigh", {}, headers=[JSON, (b"authorization", b"Bearer y")], early=False),
    Case.act("weigh", {}, headers=[JSON, (b"x-view-as", b"y")], early=False),
    *(
        Case.act("weigh", {}, headers=[JSON, (b"idempotency-key", value)], early=False)
        for value in (b"", b"a b", b"x" * 201, b"\xe9", b"a\tb")
    ),
    Case.act("weigh", {}, headers=[JSON, (b"if-match", b"x" * 101)], early=False),
    Case.act("weigh", {}, headers=[JSON, (b"idempotency-key", b"a"), (b"idempotency-key", b"b")], early=False),
    # An address that is nearly one.
    Case.act("weigh", {}, world="not-an-id", early=False), Case.act("weigh", {}, world=NOWHERE.upper(), early=False),
    Case.act("weigh?explain=true", {}, early=False), Case.act("weigh?more=1", {}, early=False),
    Case.act("weigh/", {}, early=False), Case.act("", {}, early=False), Case.act("a/b", {}, early=False),
    Case("PUT", "/actions/weigh", (b"{}",), (JSON,), early=False),
    Case.look("/actions/weigh", early=False), Case("OPTIONS", "/actions/weigh", early=False),
)  # fmt: skip


async def test_every_no_is_told_alike(both: Both) -> None:
    assert await both.differences(REFUSED) == []


BATCHES = (
    Case.act("batch", {"actions": [{"action": "weigh", "actor": "$cass", "input": {"weight": 1}, "key": "w"}] * 2}),
    Case.act("batch", {"actions": [{"action": "nothing"}, {"action": "advance_plan", "target": "$nowhere"}]}),
    Case.act("batch", {"actions": [{"action": "nothing"}], "atomic": True}),
    Case.act("batch", {"actions": [{"action": "annotate", "input": {"about": "é"}}], "atomic": True}),
    Case.act("batch", {"actions": [{"action": "nothing", "key": "w"}], "atomic": True}),
    Case.act("batch", {"actions": [{"action": "nothing"}]}, headers=[JSON, (b"idempotency-key", b"w")]),
    Case.act("batch", {"actions": [{"action": "nothing"}]}, who="Otto"),
    Case.act("batch", {"actions": []}, early=False),
    Case.act("batch", {"actions": [{"action": "nothing"}], "atomic": 1}, early=False),
    Case.act("batch", {"actions": [{"action": "nothing", "occurred_at": 1}]}, early=False),
    Case.act("batch", {}, early=False),
    Case.act("batch", {"actions": [{"action": "nothing"}]}, who=None, early=False),
    Case.act("batch?explain=true", {"actions": [{"action": "nothing"}]}, early=False),
    Case.act("batch", {"actions": [{"action": "nothing"}]}, world="not-an-id", early=False),
)


async def test_a_batch_is_answered_alike(both: Both) -> None:
    assert await both.differences(BATCHES, fresh=True) == []


async def test_what_was_kept_for_a_key_is_told_alike(both: Both) -> None:
    cases = [
        weigh(1, headers=[JSON, (b"idempotency-key", b"one")]),
        weigh(1, headers=[JSON, (b"idempotency-key", b"one")]),
        weigh(2, headers=[JSON, (b"idempotency-key", b"one")]),
        weigh("x", headers=[JSON, (b"idempotency-key", b"two")]),
        weigh("x", headers=[JSON, (b"idempotency-key", b"two")]),
    ]
    first = await both.ask(both.thin, cases[0])
    refused = await both.ask(both.thin, cases[3])
    assert (first.status, refused.status) == (200, 422)
    assert await both.differences(cases) == []


async def test_a_stale_view_is_told_alike(both: Both) -> None:
    read = await both.table.get("Mira", "/entities/" + both.ids["crows"])
    tag, since = read.headers["etag"].encode(), read.json()["meta"]["cursor"]
    await both.table.do("Mira", "advance_plan", actor=both.ids["cass"], target=both.ids["crows"])
    body = {"actor": "$cass", "target": "$crows"}
    guarded = [JSON, (b"if-match", tag)]
    cases = [
        Case.act("advance_plan", body, headers=guarded),
        Case.act("advance_plan", {**body, "since": since}, headers=guarded),
        Case.act("advance_plan", {**body, "since": since[:-4] + "AAAA"}, headers=guarded),
        Case.act("advance_plan", {**body, "since": since}, headers=guarded, who="Pia"),
    ]
    assert await both.differences(cases) == []


SEEN = (
    *(
        Case.look(f"{path}{query}", who=who)
        for who in ("Gia", "Mira", "Pia", "Otto")
        for path, query in (
            ("/feed", ""), ("/feed", "?limit=2"), ("/feed", "?q=arrives"), ("/feed", "?q=-"), ("/feed", "?cursor=a"),
            ("/entities", ""), ("/entities", "?kind=character"), ("/entities", "?kind=faction&limit=1"),
            ("/entities", "?kind=nothing"), ("/entities", "?q=crows"), ("/entities", "?kind=character&fields=name"),
            ("/entities", "?kind=character&filter=coin+%3E+1&sort=-coin,name"), ("/entities", "?sort=name"),
            ("/entities", "?kind=character&filter=coin+%3E+%22a"), ("/entities", "?kind=trap&fields=nothing"),
        )
    ),
    Case.look("/feed?limit=%00"), Case.look("/feed", who=None), Case.look("/entities?kind=faction", who=None),
    Case.look("/feed", world=NOWHERE),
    Case.look("/feed", who=None, headers=[(b"authorization", b"Bearer x")]),
    *(
        Case.look(path, early=False)
        for path in (
            "/feed?limit=0", "/feed?limit=101", "/feed?limit=x", "/feed?limit=", "/feed?limit=1&limit=2",
            "/feed?cursor=", "/feed?more=1", "/feed?offset=1", "/feed/", "/feed?kind=character",
            "/entities?kind=", "/entities?kind=character&total=true", "/entities?kind=character&offset=1",
            "/entities?kind=character&filter=" + "x" * 10_001, "/entities?kind=character&kind=deck", "/entities/",
            "/entities?kind=character&kidn=a", f"/feed?cursor={'x' * 5_000}", "/entities?kind=" + "k" * 201,
        )
    ),
    Case.look("/feed", world="x", early=False), Case.look("/feed", headers=[(b"x-view-as", b"x")], early=False),
    Case.look("/feed", headers=[(b"accept", b"a"), (b"accept", b"b")]),
    Case.look("/feed", headers=[(b"authorization", b"Bearer a")], early=False),
    Case("HEAD", "/feed", early=False), Case("POST", "/feed", early=False),
    Case.look("/feed", root="/behind", early=False),
    # A body where none is wanted is read and left alone.
    Case("GET", "/feed", (b"{}",), (JSON, (b"content-length", b"2"))),
)  # fmt: skip


async def test_pages_are_the_same(both: Both) -> None:
    await both.table.do("Mira", "keep_secret", actor=both.ids["cass"], input={"secret": 'a"\u2028é'})
    await both.table.do("Mira", "weigh", actor=both.ids["cass"], input={"weight": 1e22})
    assert await both.differences(SEEN) == []


async def test_the_next_pages_are_the_same(both: Both) -> None:
    for path in ("/feed?limit=2", "/entities?kind=faction&limit=1"):
        following = (await both.table.get("Mira", path)).json()["meta"]["next"]
        assert await both.differences([Case.look(f"{path}&cursor={following}")]) == []


async def test_a_token_that_is_over_is_told_alike(both: Both) -> None:
    cases = [weigh("x"), Case.look("/feed")]
    both.table.server.clock.advance(timedelta(minutes=15))
    assert await both.differences(cases) == []
    both.table.players["Mira"] = await both.table.server.login("Mira")
    assert await both.differences(cases) == []
    headers: Mapping[str, str] = both.table.players["Mira"]
    assert (await both.table.server.client.post("/api/v1/auth/logout", headers=headers)).status_code == 204
    assert await both.differences(cases) == []
    assert (await both.ask(both.thin, cases[0])).status == 401
