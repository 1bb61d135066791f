"""Who acts in a request, as it was found before the routes; not how, see `accounts.authentication`."""

from collections.abc import Mapping
from typing import Any, Final

from reality_engine.kernel.errors import RealityError
from reality_engine.kernel.principal import ANONYMOUS, Principal

# Where in the scope it stands: the principal, or the error that whoever asks for one is to get.
WHO: Final = "reality_engine.who"


def who_of(scope: Mapping[str, Any]) -> Principal:
    """Return who acts, `ANONYMOUS` without credentials; raises UnauthenticatedError where these are no good."""
    found: Principal | RealityError = scope.get(WHO, ANONYMOUS)
    if isinstance(found, RealityError):
        raise found
    return found
