"""Opaque resume points: sealed so that a client can neither read nor forge them; not what stands in them."""

from reality_engine.kernel.errors import InvalidError
from reality_engine.kernel.json import Plain
from reality_engine.web.seals import BrokenSealError, Seals


class BadCursorError(InvalidError):
    """The cursor was not sealed here, for this purpose and this viewer."""

    code = "bad_cursor"


class Cursors:
    """Seals and opens cursors."""

    def __init__(self, secret: bytes) -> None:
        """Derive the key from the server's secret."""
        self._seals = Seals(secret, "cursors")

    def seal(self, payload: Plain, purpose: str, viewer: str) -> str:
        """Return a cursor that opens only for this purpose (which list) and this viewer (whose)."""
        return self._seals.seal(payload, purpose, viewer)

    def open(self, cursor: str, purpose: str, viewer: str) -> Plain:
        """Return what was sealed; raises BadCursorError, the same for every reason."""
        try:
            return self._seals.open(cursor, purpose, viewer)
        except BrokenSealError as error:
            message = "the cursor is not one of this list"
            raise BadCursorError(message, field="cursor", hint="start without a cursor") from error
