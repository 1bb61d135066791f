"""How often one may come, and where several processes count together; not how large a request may be."""

from importlib.util import find_spec
from typing import Final

from pydantic import Field, SecretStr, field_validator

from reality_engine.app.options.base import Options
from reality_engine.rates.rate import rate_of

_SCHEMES: Final = ("redis://", "rediss://", "unix://")


class LimitOptions(Options):
    """Rates of requests, each as `600/minute` or `10 per 15 minutes`."""

    rate_limits: bool = Field(
        default=True, description="Whether requests are counted at all; attempts to log in always are"
    )
    rate_anonymous: str = Field("600/minute", description="Requests of nobody in particular, by network")
    rate_reads: str = Field("3000/minute", description="What each user or bot may read")
    rate_writes: str = Field("1200/minute", description="What each user or bot may do")
    rate_costly: str = Field("30/minute", description="Packs, forks, upgrades, exports and imports of each user or bot")
    rate_sign_in: str = Field("60/minute", description="Registering, logging in and the like, by network")
    redis_url: SecretStr | None = Field(
        None, description="redis://host:6379/0, where several processes count together; by default each for itself"
    )

    @field_validator("rate_anonymous", "rate_reads", "rate_writes", "rate_costly", "rate_sign_in")
    @classmethod
    def _readable_rate(cls, text: str) -> str:
        rate_of("", text)
        return text

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not given.get_secret_value().startswith(_SCHEMES):
            raise ValueError("write an address like redis://host:6379/0")
        if given is not None and find_spec("redis") is None:
            raise ValueError("this needs the package redis: pip install 'reality-engine[redis]'")
        return given
