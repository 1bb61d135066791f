"""What browsers may do with the server, and how much a request may hold."""

import re
from typing import Annotated, Final

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from reality_engine.app.options.base import Options

_ORIGIN: Final = re.compile(r"https?://[^/\s,*]+\Z")

Origins = Annotated[tuple[str, ...], NoDecode]


class WebOptions(Options):
    """Origins, documentation and bounds of bodies."""

    cors_origins: Origins = Field((), description="Origins of web pages that may call the API, parted by commas")
    docs: bool | None = Field(
        None,
        description="Whether /docs, /redoc and /openapi.json are served (true | false); by default in development only",
    )
    body_limit: int = Field(1_048_576, ge=1_024, le=104_857_600, description="The largest body of a request, in bytes")
    archive_limit_mb: int = Field(
        1_024, ge=1, le=1_048_576, description="The largest archive of a world that may be imported over HTTP, in MB"
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _listed_origins(cls, given: object) -> object:
        return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given

    @field_validator("cors_origins")
    @classmethod
    def _plain_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.match(origin):
                raise ValueError(f"'{origin}' is not an origin; write each out, like https://console.example.org")
        return origins

    @property
    def shows_docs(self) -> bool:
        """Whether the documentation of the API is served."""
        return self.docs if self.docs is not None else not self.production
