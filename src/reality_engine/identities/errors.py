"""What can be wrong with identities of elsewhere, each with its code; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import UnauthenticatedError, UnavailableError


class IssuerUnavailableError(UnavailableError):
    """An identity provider does not answer, or not with what it should: nobody can be known by it now."""

    code = "issuer_unavailable"


class ForeignTokenError(UnauthenticatedError):
    """A token of an identity provider is no good: its signature, issuer, audience or time."""
