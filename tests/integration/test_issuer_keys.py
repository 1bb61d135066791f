import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.identities.errors import ForeignTokenError, IssuerUnavailableError
from reality_engine.identities.fetching import MAX_BYTES, Fetching
from reality_engine.identities.issuer_keys import BELIEVED, FRESH, UNKNOWN_AGAIN, IssuerKeys, usable
from reality_engine.identities.signed_tokens import SKEW, SignedTokens
from reality_engine.kernel.clock import FixedClock
from tests.issuer import KEYS, Issuer, Reply, issuing, signing_key

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FIRST = {"kid": "first"}


@dataclass
class Reading:
    """An issuer, and what reads its tokens."""

    issuer: Issuer
    clock: FixedClock
    tokens: SignedTokens

    async def claims(self, token: str | None = None) -> Any:
        return await self.tokens.claims(token or self.issuer.session_token("user_1"), self.clock.now())

    @property
    def fetches(self) -> int:
        return self.issuer.asked[KEYS]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing(FixedClock(NOON)) as issuer:
        yield issuer


@pytest.fixture
async def reading(issuer: Issuer) -> AsyncIterator[Reading]:
    fetching = Fetching(seconds=0.25)
    clock = issuer.clock
    assert isinstance(clock, FixedClock)

    async def address() -> str:
        return issuer.address + KEYS

    yield Reading(issuer, clock, SignedTokens(issuer.address, IssuerKeys(fetching, address, clock)))
    await fetching.close()


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "EdDSA"])
async def test_a_token_is_read_by_the_published_key(reading: Reading, algorithm: str) -> None:
    reading.issuer.keys = [signing_key(f"for {algorithm}", algorithm)]
    assert (await reading.claims())["sub"] == "user_1"


async def test_keys_are_fetched_once_for_all_who_come_at_once(reading: Reading) -> None:
    reading.issuer.instead[KEYS] = Reply(body={"keys": [key.public for key in reading.issuer.keys]}, delay=0.05)
    await asyncio.gather(*(reading.claims() for _ in range(20)))
    await reading.claims()
    assert reading.fetches == 1


async def test_a_new_key_is_taken_up_with_the_first_token_that_it_signs(reading: Reading) -> None:
    before = reading.issuer.session_token("user_1")
    await reading.claims()
    reading.clock.advance(UNKNOWN_AGAIN)
    reading.issuer.rotate("second")
    await reading.claims()
    await reading.claims(before)
    assert reading.fetches == 2


async def test_a_withdrawn_key_is_good_no_longer_once_keys_are_fetched_anew(reading: Reading) -> None:
    await reading.claims()
    old = signing_key("first")
    reading.issuer.rotate("second", overlap=False)
    reading.clock.advance(BELIEVED)
    with pytest.raises(ForeignTokenError):
        await reading.claims(reading.issuer.sign({**await reading.claims()}, old))


async def test_unknown_keys_are_looked_for_at_most_once_in_a_while(reading: Reading) -> None:
    await reading.claims()
    reading.clock.advance(UNKNOWN_AGAIN)
    for number in range(10):
        with pytest.raises(ForeignTokenError):
            await reading.claims(reading.issuer.sign({"sub": "x"}, signing_key(f"unknown {number}")))
    assert reading.fetches == 2


async def test_keys_that_are_no_longer_fresh_are_fetched_while_nobody_waits(reading: Reading) -> None:
    await reading.claims()
    reading.issuer.instead[KEYS] = Reply(503, {})
    reading.clock.advance(FRESH)
    await reading.claims()
    for _ in range(100):
        if reading.fetches == 2:
            break
        await asyncio.sleep(0.01)
    await reading.claims()
    assert reading.fetches == 2


async def test_an_issuer_that_is_away_is_borne_for_an_hour(reading: Reading) -> None:
    await reading.claims()
    reading.issuer.instead[KEYS] = Reply(503, {})
    reading.clock.advance(BELIEVED - timedelta(seconds=1))
    await reading.claims()
    reading.clock.advance(timedelta(seconds=10))
    with pytest.raises(IssuerUnavailableError):
        await reading.claims()
    del reading.issuer.instead[KEYS]
    reading.clock.advance(timedelta(seconds=5))
    await reading.claims()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {}),
        Reply(404, {"keys": []}),
        Reply(302, headers={"Location": "/elsewhere"}),
        Reply(body=b"not JSON"),
        Reply(body=["not an object"]),
        Reply(body={"keys": "none"}),
        Reply(body={"keys": []}),
        Reply(body=b'{"keys": "' + b"x" * MAX_BYTES + b'"}'),
        Reply(body=b"[" * 100_000),
        Reply(delay=0.4),
    ],
)
async def test_an_issuer_that_misbehaves_is_unavailable(reading: Reading, reply: Reply) -> None:
    reading.issuer.instead[KEYS] = reply
    begun = time.monotonic()
    for _ in range(3):
        with pytest.raises(IssuerUnavailableError):
            await reading.claims()
    assert time.monotonic() - begun < 5
    assert reading.fetches == 1, "and is left alone for a while"


def altered(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body[:-4]}AAAA.{signature}"


FORGERS: dict[str, Callable[[Issuer, dict[str, Any]], str]] = {
    "unsigned": lambda _, claims: jwt.encode(claims, "", "none", {"kid": "first"}),
    "published key as a secret": lambda _, claims: jwt.encode(
        claims, signing_key("first").public["x"] * 2, "HS256", FIRST
    ),
    "another key under its name": lambda issuer, claims: issuer.sign(claims, signing_key("its own"), kid="first"),
    "another algorithm": lambda issuer, claims: issuer.sign(claims, signing_key("RSA", "RS256"), kid="first"),
    "critical header": lambda issuer, claims: issuer.sign(claims, crit=["b64"], b64=True),
    "brings its key along": lambda issuer, claims: issuer.sign(
        claims, signing_key("its own"), jwk=signing_key("its own").public, kid="first"
    ),
    "says where its key is": lambda issuer, claims: issuer.sign(
        claims, signing_key("its own"), jku=issuer.address + KEYS
    ),
    "has no key named": lambda issuer, claims: issuer.sign(claims, signing_key("its own"), kid=""),
    "cut": lambda issuer, claims: issuer.sign(claims)[:-5],
    "altered": lambda issuer, claims: altered(issuer.sign(claims)),
    "no token": lambda _, __: "not.a.token",
    "empty parts": lambda _, __: "..",
    "too few parts": lambda _, __: "a.b",
    "too long": lambda _, __: "x" * 10_000,
    "not text": lambda _, __: "\0.\0.\0",
}


@pytest.mark.parametrize("how", FORGERS)
async def test_a_forged_token_is_refused(reading: Reading, how: str) -> None:
    await reading.claims()
    claims = dict(await reading.claims())
    with pytest.raises(ForeignTokenError):
        await reading.claims(FORGERS[how](reading.issuer, claims))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example.org"}, {"iss": None}, {"sub": None},
        {"exp": None}, {"exp": "soon"}, {"exp": True}, {"exp": float("inf")}, {"exp": 10**400}, {"iat": None},
        {"iat": int(NOON.timestamp()) + 11}, {"nbf": int(NOON.timestamp()) + 11}, {"nbf": "never"},
    ],
)  # fmt: skip
async def test_a_token_that_says_the_wrong_thing_is_refused(reading: Reading, changed: dict[str, Any]) -> None:
    with pytest.raises(ForeignTokenError):
        await reading.claims(reading.issuer.session_token("user_1", **changed))


async def test_a_token_ends_with_its_time_and_the_skew_of_clocks(reading: Reading) -> None:
    token = reading.issuer.session_token("user_1")
    reading.clock.advance(timedelta(seconds=60) + SKEW - timedelta(microseconds=1))
    await reading.claims(token)
    reading.clock.advance(timedelta(microseconds=1))
    with pytest.raises(TokenExpiredError):
        await reading.claims(token)


async def test_a_token_for_somebody_else_is_refused(reading: Reading) -> None:
    async def address() -> str:
        return reading.issuer.address + KEYS

    fetching = Fetching()
    tokens = SignedTokens(reading.issuer.address, IssuerKeys(fetching, address, reading.clock), "reality")
    assert await tokens.claims(reading.issuer.session_token("user_1", aud="reality"), reading.clock.now())
    for audience in (None, "another", ["another"]):
        with pytest.raises(ForeignTokenError):
            await tokens.claims(reading.issuer.session_token("user_1", aud=audience), reading.clock.now())
    await fetching.close()


def test_only_keys_that_may_sign_are_used() -> None:
    short = rsa.RSAPublicNumbers(65537, 2**1_023 + 1).public_key()
    good = signing_key("first").public
    published = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {**RSAAlgorithm.to_jwk(short, as_dict=True), "kid": "short"},
        {**good, "kid": "for sealing", "use": "enc"},
        {**good, "kid": "odd", "alg": "HS256"},
        {"kty": "EC", "crv": "P-256", "kid": "half"},
        {"kid": "nothing"},
        "not a key",
        good,
        {**signing_key("second").public, "kid": "first"},
    ]
    assert list(usable(published)) == ["first"]
    assert usable(published)["first"] == usable([good])["first"]
