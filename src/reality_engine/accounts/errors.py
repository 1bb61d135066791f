"""What accounts refuse, each with its code; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import ConflictError, DeniedError, InvalidError, UnauthenticatedError


class BadCredentialsError(UnauthenticatedError):
    """The e-mail address or the password is wrong; which of them is never said."""

    code = "bad_credentials"


class TokenExpiredError(UnauthenticatedError):
    """The token was good once."""

    code = "token_expired"


class TokenReusedError(UnauthenticatedError):
    """A refresh token came twice: it was stolen before or after its first use, so its session is over."""

    code = "token_reused"


class EmailTakenError(ConflictError):
    """There is an account with this address, perhaps a deleted one."""

    code = "email_taken"


class RegistrationClosedError(DeniedError):
    """Accounts are made by the administrator."""

    code = "registration_closed"


class WeakPasswordError(InvalidError):
    """The password does not keep anyone out."""

    code = "weak_password"
