"""What signing refuses; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import RealityError


class BadTokenError(RealityError):
    """A text is no token that was signed here, or its key is not accepted any more; never said which.

    Whoever reads a token says what that means, so this error never reaches a caller.
    """

    code = "unauthenticated"
