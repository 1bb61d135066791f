import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as some

from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.settings import AccountSettings
from reality_engine.accounts.tokens import AUDIENCE, KIND, AccessTokens, digest_of, new_refresh_token
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.ids import fresh_id
from reality_engine.signing.signing import Signing
from reality_engine.web.keys import derive

SECRET = b"s" * 32
NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
USER, SESSION = fresh_id(NOW), fresh_id(NOW)
SETTINGS = AccountSettings()
# It is never asked: HS256 needs no key of the database.
NOWHERE = Units(open_engines("sqlite:///nowhere.db"))
TOKENS = AccessTokens(Signing(SECRET, NOWHERE), SETTINGS)
GOOD = asyncio.run(TOKENS.sign(USER, SESSION, NOW))
KID = jwt.get_unverified_header(GOOD)["kid"]


def signed(
    algorithm: str = "HS256", key: bytes | None = None, header: dict[str, Any] | None = None, **changed: Any
) -> str:
    claims = {
        "sub": USER,
        "sid": SESSION,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
        "iss": SETTINGS.issuer,
        "aud": AUDIENCE,
    }
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not ...}
    headers = {"kid": KID, "typ": KIND, **(header or {})}
    headers = {name: value for name, value in headers.items() if value is not ...}
    return jwt.encode(claims, key or derive(SECRET, "access tokens"), algorithm, headers=headers)


async def test_a_signed_token_is_read_back() -> None:
    claims = await TOKENS.read(GOOD, NOW)
    assert (claims.user, claims.session) == (USER, SESSION)
    assert claims.expires_at == NOW + SETTINGS.access_lifetime


async def test_a_token_ends_with_its_lifetime_by_the_clock_that_is_given() -> None:
    await TOKENS.read(GOOD, NOW + SETTINGS.access_lifetime - timedelta(microseconds=1))
    with pytest.raises(TokenExpiredError):
        await TOKENS.read(GOOD, NOW + SETTINGS.access_lifetime)


@pytest.mark.parametrize(
    "forged",
    [
        signed(key=b"t" * 32),
        signed(key=SECRET),
        signed("HS512", b"k" * 64),
        signed("HS512", derive(SECRET, "access tokens") * 2),
        jwt.encode({"sub": USER, "sid": SESSION}, "", "none", headers={"kid": KID, "typ": KIND}),
        signed(header={"kid": ...}),
        signed(header={"kid": "0" * 16}),
        signed(header={"typ": "JWT"}),
        signed(header={"crit": ["exp"]}),
        signed(aud="elsewhere"),
        signed(aud=[AUDIENCE]),
        signed(iss="elsewhere"),
        signed(sub="' or 1=1"),
        signed(sid="x"),
        signed(exp=...),
        signed(sid=...),
        signed(exp=10**18),
        signed(exp="tomorrow"),
        "",
        "a.b.c",
        "x" * 3_000,
        GOOD + "x",
    ],
)
async def test_a_forged_token_is_refused(forged: str) -> None:
    with pytest.raises(UnauthenticatedError) as raised:
        await TOKENS.read(forged, NOW)
    assert raised.value.code == "unauthenticated"


async def test_the_claims_that_the_forged_ones_vary_are_good() -> None:
    assert (await TOKENS.read(signed(), NOW)).user == USER


@given(some.text())
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        TOKENS.read(text, NOW).send(None)  # it waits for nothing, so that it needs no loop


async def test_another_secret_or_issuer_refuses() -> None:
    others = (
        AccessTokens(Signing(b"o" * 32, NOWHERE), SETTINGS),
        AccessTokens(Signing(SECRET, NOWHERE), replace(SETTINGS, issuer="other")),
    )
    for other in others:
        with pytest.raises(UnauthenticatedError):
            await other.read(GOOD, NOW)


def test_refresh_tokens_are_long_and_never_the_same() -> None:
    one, other = new_refresh_token(), new_refresh_token()
    assert one != other
    assert len(one) >= 43
    assert len(digest_of(one)) == 32
