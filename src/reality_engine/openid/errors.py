"""What the provider refuses, to people and to applications; HTTP status is decided in `web.codes`."""

from reality_engine.kernel.errors import InvalidError


class UnknownClientError(InvalidError):
    """There is no such application, so there is nobody to send people back to."""

    code = "unknown_client"


class BadRedirectError(InvalidError):
    """The address is not one that the application was registered with: nobody is sent there, with whatever."""

    code = "bad_redirect"


class RefusedRequestError(Exception):
    """A request that the application is told about, at the address that people are sent back to."""

    def __init__(self, error: str, description: str) -> None:
        """Tell it by a word of RFC 6749 or OpenID Connect, and in words for whoever wrote the application."""
        super().__init__(description)
        self.error = error
        self.description = description
