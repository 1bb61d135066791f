from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from reality_engine.factors.codes import (
    RECOVERY_CODES,
    address_of,
    new_recovery_codes,
    new_secret,
    recovery_digest,
    step_of,
)

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
# The secret and a code of RFC 6238, appendix B, cut to six digits as authenticators show them.
RFC_SECRET, RFC_MOMENT, RFC_CODE = (
    "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    datetime.fromtimestamp(1_111_111_109, UTC),
    "081804",
)


def test_the_codes_are_those_of_the_standard() -> None:
    assert step_of(RFC_SECRET, RFC_CODE, RFC_MOMENT, 0) == 1_111_111_109 // 30
    assert step_of(RFC_SECRET, "081 804", RFC_MOMENT, 0) is not None


@pytest.mark.parametrize(("away", "fits"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)])
def test_a_clock_may_be_wrong_by_one_step(away: int, fits: bool) -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=away))
    assert (step_of(secret, code, NOW, 0) is not None) is fits


def test_a_step_that_was_used_and_all_before_it_are_none() -> None:
    secret = new_secret()
    step = step_of(secret, pyotp.TOTP(secret).at(NOW), NOW, 0)
    assert step is not None
    assert step_of(secret, pyotp.TOTP(secret).at(NOW), NOW, step) is None
    assert step_of(secret, pyotp.TOTP(secret).at(NOW - timedelta(seconds=30)), NOW, step) is None
    assert step_of(secret, pyotp.TOTP(secret).at(NOW + timedelta(seconds=30)), NOW, step) == step + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "\u0661\u0662\u0663\u0664\u0665\u0666", "x" * 500, "\ud83d"])
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert step_of(RFC_SECRET, typed.encode("utf-8", "replace").decode(), RFC_MOMENT, 0) is None


def test_recovery_codes_are_long_and_fit_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES
    for code in codes:
        assert recovery_digest(code) == recovery_digest(code.upper().replace("-", " ")) is not None
    assert recovery_digest("492039") is None
    assert recovery_digest(codes[0] + "x") is None


def test_an_authenticator_is_told_who_and_where() -> None:
    address = address_of(RFC_SECRET, "mira@example.org", "Reality Engine")
    assert address.startswith("otpauth://totp/Reality%20Engine:mira%40example.org?")
    assert f"secret={RFC_SECRET}" in address
