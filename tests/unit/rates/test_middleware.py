import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from reality_engine.app.guards import rate_rules
from reality_engine.app.settings import Settings
from reality_engine.kernel.clock import FixedClock
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.rates.counts import Counts
from reality_engine.rates.middleware import RateLimits
from reality_engine.web.who import WHO
from tests.asgi import Exchanged, exchanged

MIRA, PIA = (Principal(PrincipalKind.PERSON, name) for name in ("mira", "pia"))
RATES: dict[str, Any] = {f"rate_{name}": f"{quota}/minute" for name, quota in
         {"anonymous": 2, "reads": 5, "writes": 4, "costly": 1, "sign_in": 3}.items()}  # fmt: skip
WORLDS = "/api/v1/worlds"


class Limited:
    """A server that counts, and answers whatever it lets through."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.clock = FixedClock(datetime(2026, 5, 1, 12, tzinfo=UTC))
        self._limits = RateLimits(self._inside, Counts(self.clock), rate_rules(Settings(_env_file=None, **RATES)))
        self._set: dict[str, Any] = {}

    async def _inside(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _outside(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._limits({**scope, **self._set}, receive, send)

    async def ask(self, path: str = WORLDS, method: str = "GET", **set_to: Any) -> Exchanged:
        """Ask as somebody, from somewhere."""
        self._set = {"client": (set_to.get("at", "203.0.113.7"), 1)}
        if "who" in set_to:
            self._set[WHO] = set_to["who"]
        return await exchanged(self._outside, method, path)

    async def passes(self, *asked: Any, **set_to: Any) -> int:
        """Say how often that is let through, up to ten times."""
        for count in range(10):
            if (await self.ask(*asked, **set_to)).status != 200:
                return count
        return 10


@pytest.fixture
def limited() -> Limited:
    return Limited()


@pytest.mark.parametrize(
    ("asked", "quota"),
    [
        ((WORLDS,), 5),
        ((WORLDS, "POST"), 4),
        ((f"{WORLDS}/import", "POST"), 1),
        ((f"{WORLDS}/w/fork", "POST"), 1),
        ((f"{WORLDS}/w/export",), 1),
        (("/api/v1/packs", "POST"), 1),
        (("/api/v1/packs",), 5),
        (("/api/v1/auth/token", "POST"), 3),
        (("/api/v1/auth/password/forgot", "POST"), 3),
        (("/livez",), 10),
    ],
)
async def test_each_kind_of_request_has_its_rate(limited: Limited, asked: tuple[str, ...], quota: int) -> None:
    assert await limited.passes(*asked, who=MIRA) == quota


async def test_who_is_known_is_counted_by_themselves(limited: Limited) -> None:
    assert [await limited.passes(who=MIRA), await limited.passes(who=PIA)] == [5, 5]
    assert await limited.passes(who=MIRA, at="198.51.100.1") == 0


async def test_who_is_not_known_is_counted_by_network(limited: Limited) -> None:
    assert await limited.passes(at="2001:db8::1") == 2
    assert await limited.passes(at="2001:db8::2") == 0
    assert await limited.passes(at="2001:db8:0:1::1") == 2


async def test_bad_credentials_are_none(limited: Limited) -> None:
    bad = UnauthenticatedError("the session is over")
    assert [await limited.passes(who=bad), await limited.passes()] == [2, 0]


async def test_having_a_session_does_not_pay_for_logging_in(limited: Limited) -> None:
    for who in (MIRA, PIA):
        await limited.passes("/api/v1/auth/token", "POST", who=who)
    assert await limited.passes("/api/v1/auth/token", "POST") == 0


async def test_an_answer_tells_what_is_left(limited: Limited) -> None:
    told = dict((await limited.ask(who=MIRA)).headers)
    assert told[b"ratelimit-policy"] == b'"reads";q=5;w=60'
    assert told[b"ratelimit"] == b'"reads";r=4;t=60'


async def test_a_refusal_says_how_long_to_wait_and_waiting_helps(limited: Limited) -> None:
    await limited.passes(who=MIRA)
    refused = await limited.ask(who=MIRA)
    told = dict(refused.headers)
    wait = int(told[b"retry-after"])
    assert (refused.status, json.loads(refused.body)["errors"][0]["code"]) == (429, "too_many_requests")
    assert told[b"ratelimit"] == b'"reads";r=0;t=%d' % wait
    limited.clock.advance(timedelta(seconds=wait - 1))
    assert (await limited.ask(who=MIRA)).status == 429
    limited.clock.advance(timedelta(seconds=1))
    assert (await limited.ask(who=MIRA)).status == 200
