from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as some

from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.settings import AccountSettings
from reality_engine.accounts.tokens import AUDIENCE, AccessTokens, digest_of, new_refresh_token
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.ids import fresh_id
from reality_engine.web.keys import derive

SECRET = b"s" * 32
NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
USER, SESSION = fresh_id(NOW), fresh_id(NOW)
SETTINGS = AccountSettings()
TOKENS = AccessTokens(SECRET, SETTINGS)


def signed(algorithm: str = "HS256", key: bytes | None = None, **changed: Any) -> str:
    claims = {
        "sub": USER,
        "sid": SESSION,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
        "iss": SETTINGS.issuer,
        "aud": AUDIENCE,
        "typ": "access",
    }
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not ...}
    return jwt.encode(claims, key or derive(SECRET, "access tokens"), algorithm)


def test_a_signed_token_is_read_back() -> None:
    claims = TOKENS.read(TOKENS.sign(USER, SESSION, NOW), NOW)
    assert (claims.user, claims.session) == (USER, SESSION)
    assert claims.expires_at == NOW + SETTINGS.access_lifetime


def test_a_token_ends_with_its_lifetime_by_the_clock_that_is_given() -> None:
    token = TOKENS.sign(USER, SESSION, NOW)
    TOKENS.read(token, NOW + SETTINGS.access_lifetime - timedelta(microseconds=1))
    with pytest.raises(TokenExpiredError):
        TOKENS.read(token, NOW + SETTINGS.access_lifetime)


@pytest.mark.parametrize(
    "forged",
    [
        signed(key=b"t" * 32),
        signed(key=SECRET),
        signed("HS512", b"k" * 64),
        jwt.encode({"sub": USER, "sid": SESSION}, "", "none"),
        signed(typ="refresh"),
        signed(aud="elsewhere"),
        signed(iss="elsewhere"),
        signed(sub="' or 1=1"),
        signed(sid="x"),
        signed(exp=...),
        signed(sid=...),
        signed(exp=10**18),
        "",
        "a.b.c",
        "x" * 3_000,
        TOKENS.sign(USER, SESSION, NOW) + "x",
    ],
)
def test_a_forged_token_is_refused(forged: str) -> None:
    with pytest.raises(UnauthenticatedError) as raised:
        TOKENS.read(forged, NOW)
    assert raised.value.code == "unauthenticated"


def test_the_claims_that_the_forged_ones_vary_are_good() -> None:
    assert TOKENS.read(signed(), NOW).user == USER


@given(some.text())
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        TOKENS.read(text, NOW)


def test_another_secret_or_issuer_refuses() -> None:
    token = TOKENS.sign(USER, SESSION, NOW)
    for other in (AccessTokens(b"o" * 32, SETTINGS), AccessTokens(SECRET, replace(SETTINGS, issuer="other"))):
        with pytest.raises(UnauthenticatedError):
            other.read(token, NOW)


def test_refresh_tokens_are_long_and_never_the_same() -> None:
    one, other = new_refresh_token(), new_refresh_token()
    assert one != other
    assert len(one) >= 43
    assert len(digest_of(one)) == 32
