"""What can be wrong with a request to act, apart from what the rules of a world say."""

from reality_engine.kernel.errors import ConflictError, InvalidError


class KeyReusedError(InvalidError):
    """The idempotency key was used for another request."""

    code = "idempotency_key_reused"


class StaleError(ConflictError):
    """The target is not as the caller has seen it."""

    code = "stale"
