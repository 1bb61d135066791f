"""Codes of both kinds, as they are made, typed and compared: by time (TOTP, RFC 6238), and for recovery; no storage."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Final

import pyotp

from reality_engine.kernel.chance import new_bytes

STEP_SECONDS: Final = 30
# A clock may be wrong by as much as one step.
STEPS_AROUND: Final = (0, -1, 1)
RECOVERY_CODES: Final = 10
# 120 bits each, so that a plain digest of one is enough, and guessing is hopeless.
_RECOVERY_BYTES: Final = 15
_GROUP: Final = 4
_RECOVERY_LENGTH: Final = 24
# 160 bits, as RFC 4226 recommends.
_SECRET_BYTES: Final = 20


def new_secret() -> str:
    """Return a fresh secret for an authenticator, in base32 as they want it."""
    return base64.b32encode(new_bytes(_SECRET_BYTES)).decode()


def address_of(secret: str, name: str, issuer: str) -> str:
    """Return the address that authenticators read, mostly as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, typed: str, moment: datetime, after: int) -> int | None:
    """Return the step of time whose code was typed, later than the last one that was used; None where it is none."""
    code = "".join(typed.split())
    now = int(moment.timestamp()) // STEP_SECONDS
    otp, found = pyotp.TOTP(secret), None
    for around in STEPS_AROUND:
        step = now + around
        # All are compared, so that the time it takes says nothing.
        if hmac.compare_digest(otp.generate_otp(step).encode(), code.encode()) and step > after:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Return fresh codes, to be shown once."""
    return [_grouped(base64.b32encode(new_bytes(_RECOVERY_BYTES)).decode().lower()) for _ in range(RECOVERY_CODES)]


def recovery_digest(typed: str) -> bytes | None:
    """Return what is stored of a recovery code, however its groups were typed; None for what has not its length."""
    plain = "".join(letter for letter in typed.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).digest() if len(plain) == _RECOVERY_LENGTH else None


def _grouped(text: str) -> str:
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
