"""What accounts refuse, each with its code; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import (
    ConflictError,
    DeniedError,
    InvalidError,
    NotFoundError,
    UnauthenticatedError,
)


class MethodOffError(NotFoundError):
    """This server does not let anybody in that way."""

    code = "method_off"


class BadCredentialsError(UnauthenticatedError):
    """The e-mail address or the password is wrong; which of them is never said."""

    code = "bad_credentials"


class AccountBannedError(DeniedError):
    """The account is banned from this server; only said to who has proved that it is theirs."""

    code = "account_banned"


class TokenExpiredError(UnauthenticatedError):
    """The token was good once."""

    code = "token_expired"


class BadGrantError(UnauthenticatedError):
    """What was to be taken for tokens is no good, or no longer: never said which."""

    code = "bad_grant"


class BadTokenRequestError(InvalidError):
    """A form of OAuth2 lacks something, or has something twice."""

    code = "bad_token_request"


class UnsupportedGrantTypeError(InvalidError):
    """There is no such grant type here."""

    code = "unsupported_grant_type"


class BadScopeError(InvalidError):
    """What was asked for cannot be granted in this way."""

    code = "bad_scope"


class BadClientError(UnauthenticatedError):
    """The application did not prove which one it is, or is not the one whose session it is."""

    code = "bad_client"


class TokenReusedError(UnauthenticatedError):
    """A refresh token came twice: it was stolen before or after its first use, so its session is over."""

    code = "token_reused"


class EmailTakenError(ConflictError):
    """There is an account with this address, perhaps a deleted one."""

    code = "email_taken"


class RegistrationClosedError(DeniedError):
    """Accounts are made by the administrator."""

    code = "registration_closed"


class EmailUnverifiedError(DeniedError):
    """The password is right, but that the address is theirs has not been shown yet."""

    code = "email_unverified"


class BadLinkError(InvalidError):
    """The token of a mailed link was used, is over, or was never made here; which of them is not said."""

    code = "bad_link"


class BadInviteError(DeniedError):
    """There is no invite to this server, or none that is good for this address now."""

    code = "bad_invite"


class WeakPasswordError(InvalidError):
    """The password does not keep anyone out."""

    code = "weak_password"
