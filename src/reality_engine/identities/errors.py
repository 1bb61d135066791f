"""What can be wrong with identities of elsewhere, each with its code; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import (
    ConflictError,
    InvalidError,
    UnauthenticatedError,
    UnavailableError,
)


class IssuerUnavailableError(UnavailableError):
    """An identity provider does not answer, or not with what it should: nobody can be known by it now."""

    code = "issuer_unavailable"


class ForeignTokenError(UnauthenticatedError):
    """A token of an identity provider is no good: its signature, issuer, audience or time."""


class IdentityEndedError(UnauthenticatedError):
    """The provider has said that whoever this was is gone."""

    code = "identity_ended"


class LinkRequiredError(ConflictError):
    """The verified address of the identity is that of an account here, which only its owner may link it to."""

    code = "link_required"


class IdentityTakenError(ConflictError):
    """The identity is linked to another account."""

    code = "identity_taken"


class LastWayInError(ConflictError):
    """Without this identity nobody could come into the account any more."""

    code = "last_way_in"


class BadSignInError(InvalidError):
    """A log-in at a provider did not come to a good end, or its code is over, used or another browser's."""

    code = "bad_sign_in"


class BadSignatureError(UnauthenticatedError):
    """News were not signed by the provider, or not lately."""

    code = "bad_signature"


class ReturnAddressError(InvalidError):
    """A browser may not be sent back to that address."""

    code = "bad_return_address"
