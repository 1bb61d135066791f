"""Where the server listens, and by how many processes; not what it serves."""

import re
from typing import Final

from pydantic import Field, ValidationInfo, field_validator

from reality_engine.app.options.base import Options, is_here

MAX_WORKERS: Final = 64
_ADDRESS: Final = re.compile(r"https?://[^/\s?#@]+(/[^\s?#]*)?\Z")


class ServingOptions(Options):
    """Addresses and processes."""

    host: str = Field("127.0.0.1", description="The address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="The port to listen on; 0 takes a free one")
    workers: int = Field(1, ge=1, le=MAX_WORKERS, description="Processes that serve; several need PostgreSQL")
    trusted_proxies: str = Field("127.0.0.1", description="Whose X-Forwarded-… headers are believed, parted by commas")
    public_url: str | None = Field(
        None,
        validate_default=True,
        description="The address under which clients reach the server; by default http://localhost and the port; "
        "required in production, with https",
    )

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, address: str | None, info: ValidationInfo) -> str | None:
        production = info.data.get("environment") == "production"
        if address is None:
            if production:
                raise ValueError("production needs the address that clients know, like https://worlds.example.org")
            return None
        if not _ADDRESS.match(address):
            raise ValueError("write the whole address, like https://worlds.example.org")
        if production and address.startswith("http:") and not is_here(address):
            raise ValueError("production needs https, behind a proxy that has it")
        return address.rstrip("/")

    @property
    def reached_by_https(self) -> bool:
        """Whether clients come by https."""
        return self.public_address.startswith("https:")

    @property
    def public_address(self) -> str:
        """The address that links, issuers and redirects begin with, without a slash at its end."""
        return self.public_url or f"http://localhost:{self.port}"
