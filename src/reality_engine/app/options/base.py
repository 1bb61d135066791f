"""What every group of settings rests on: where they are read from, and what the server is for."""

from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "REALITY_"

Environment = Literal["development", "production"]


_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_here(address: str) -> bool:
    """Say whether an address is one of this machine alone, to which nobody can read along."""
    return urlsplit(address).hostname in _HERE


class Options(BaseSettings):
    """Parent of every group, so that each may ask for the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,  # so that a line of `.env` without a value means the default
        extra="ignore",  # `.env` may be other programs' too
        frozen=True,
        hide_input_in_errors=True,  # some are secrets, and errors go into logs
    )

    environment: Environment = Field("development", description="`production` refuses what is only fit for trying")

    @property
    def production(self) -> bool:
        """Whether this serves people, and not only whoever tries it."""
        return self.environment == "production"
