"""What browsers may do with the server, and how much a request may hold."""

import re
from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from reality_engine.app.options.base import Options, is_here

_ORIGIN: Final = re.compile(r"https?://[^/\s,*]+\Z")
_HOST: Final = re.compile(r"\*|(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)

Names = Annotated[tuple[str, ...], NoDecode]


class WebOptions(Options):
    """Origins, documentation and bounds of bodies."""

    cors_origins: Names = Field(
        (), description="Origins of web pages that may call the API, parted by commas; * for all, in development only"
    )
    allowed_hosts: Names = Field(
        (),
        description="Names under which the server may be asked for, parted by commas, like *.example.org; by default "
        "that of the public address in production, and any in development",
    )
    https_only: bool | None = Field(
        None, description="Whether plain HTTP is turned away (true | false); by default in production only"
    )
    docs: bool | None = Field(
        None,
        description="Whether /docs, /redoc and /openapi.json are served (true | false); by default in development only",
    )
    body_limit: int = Field(1_048_576, ge=1_024, le=104_857_600, description="The largest body of a request, in bytes")
    archive_limit_mb: int = Field(
        1_024, ge=1, le=1_048_576, description="The largest archive of a world that may be imported over HTTP, in MB"
    )

    @field_validator("cors_origins", "allowed_hosts", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given

    @field_validator("cors_origins")
    @classmethod
    def _plain_origins(cls, origins: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        production = info.data.get("environment") == "production"
        if origins == ("*",) and not production:
            return origins
        for origin in origins:
            if not _ORIGIN.match(origin):
                raise ValueError(f"'{origin}' is not an origin; write each out, like https://console.example.org")
            if production and origin.startswith("http:") and not is_here(origin):
                raise ValueError(f"anybody on the way could change the pages of '{origin}'; production needs https")
        return origins

    @field_validator("allowed_hosts")
    @classmethod
    def _plain_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ValueError(f"'{host}' is not a name; write it without scheme and port, like worlds.example.org")
        return tuple(host.lower() for host in hosts)

    @property
    def shows_docs(self) -> bool:
        """Whether the documentation of the API is served."""
        return self.docs if self.docs is not None else not self.production
