"""What the second factor refuses, each with its code; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import ConflictError, UnauthenticatedError


class SecondFactorRequiredError(UnauthenticatedError):
    """The password is right, and this account wants a code beside it."""

    code = "second_factor_required"


class BadSecondFactorError(UnauthenticatedError):
    """The code is wrong, is over, or was used before; which of them is not said."""

    code = "bad_second_factor"


class FactorExistsError(ConflictError):
    """The account has a second factor already."""

    code = "factor_exists"
