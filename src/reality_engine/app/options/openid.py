"""What an operator may choose of the pages on which people log in for other applications."""

from pydantic import Field

from reality_engine.app.options.base import Options


class OpenIdOptions(Options):
    """The log-in of a browser."""

    login_hours: int = Field(
        12, ge=1, le=720, description="How long somebody stays logged in on the server's own pages, in hours"
    )
