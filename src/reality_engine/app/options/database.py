"""Which database, and who upgrades it; not what is in it."""

from pydantic import Field, field_validator

from reality_engine.app.options.base import Options
from reality_engine.db.engine import POOL_SIZE, parse_url
from reality_engine.kernel.errors import InvalidError


class DatabaseOptions(Options):
    """The database and what is kept of it in memory."""

    database_url: str = Field(
        "sqlite:///var/reality.db",
        repr=False,  # it may hold a password
        description="sqlite:///path or postgresql://user:pw@host/db",
    )
    database_pool: int = Field(POOL_SIZE, ge=1, le=200, description="Connections at most, to each database")
    page_cache_mb: int = Field(
        16, ge=0, le=4_096, description="Memory for pages that are shown again while nothing happens; 0 for none"
    )
    auto_migrate: bool | None = Field(
        None, description="Whether `reality serve` upgrades the database (true | false); by default in development only"
    )

    @field_validator("database_url")
    @classmethod
    def _readable_url(cls, address: str) -> str:
        try:
            parse_url(address)
        except InvalidError as error:
            raise ValueError(f"{error.message}; {error.hint}") from error
        return address

    @property
    def migrates(self) -> bool:
        """Whether `reality serve` upgrades the database by itself."""
        return self.auto_migrate if self.auto_migrate is not None else not self.production
