"""Tells news that a provider signed from those that somebody made up (the Svix scheme); not what they say.

The library that signs is asked for the signature alone: it would compare times by the machine's clock.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from standardwebhooks import Webhook

from reality_engine.identities.errors import BadSignatureError

# Within this, news may be sent again by somebody who got hold of them; to follow them twice changes nothing.
TOLERANCE: Final = timedelta(minutes=5)
MAX_SIGNATURES: Final = 20
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")


def require_signed(secret: str, headers: Mapping[str, str], body: bytes, moment: datetime) -> None:
    """Raise BadSignatureError unless whoever has the secret signed this lately, by the headers `svix-…`."""
    message, sent, signatures = (headers.get(f"svix-{name}", "") for name in ("id", "timestamp", "signature"))
    if not _ID.fullmatch(message) or not _SECONDS.fullmatch(sent):
        raise BadSignatureError("these news are not signed", hint="the headers svix-id, -timestamp and -signature")
    try:
        at = datetime.fromtimestamp(int(sent), UTC)
        expected = Webhook(secret).sign(message, at, body.decode()).encode()
    except (ValueError, OverflowError, OSError) as error:
        raise BadSignatureError("these news cannot have been signed") from error
    given = signatures.split(" ")[:MAX_SIGNATURES]
    if not any(hmac.compare_digest(expected, one.encode("utf-8", "replace")) for one in given):
        raise BadSignatureError("the signature of these news is not that of their sender")
    if not abs(moment - at) <= TOLERANCE:
        raise BadSignatureError("these news were signed too long ago, or in the future")
