"""What an operator may choose, read from REALITY_… and `.env`: the one reader of the environment; not what uses it."""

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from reality_engine.db.engine import POOL_SIZE, parse_url
from reality_engine.kernel.errors import InvalidError, Problem, ProblemsError

PREFIX: Final = "REALITY_"
DOTENV: Final = ".env"
MIN_SECRET_BYTES: Final = 32
MAX_WORKERS: Final = 64
_MIN_DIFFERENT: Final = 10  # as many different characters has any secret that was drawn and not typed
_PLACEHOLDER: Final = re.compile(r"change.?(me|this)|example|default|insecure|your.?secret", re.IGNORECASE)
_ORIGIN: Final = re.compile(r"https?://[^/\s,*]+\Z")

Environment = Literal["development", "production"]
Origins = Annotated[tuple[str, ...], NoDecode]


class SettingsError(ProblemsError):
    """The settings cannot be used; `problems` has every mistake in them."""

    code = "bad_settings"


class Settings(BaseSettings):
    """Each field is the variable REALITY_<FIELD>; `.env.example` shows them all."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,  # so that a line of `.env` without a value means the default
        extra="ignore",  # `.env` may be other programs' too
        frozen=True,
        hide_input_in_errors=True,  # some are secrets, and errors go into logs
    )

    environment: Environment = Field("development", description="`production` refuses what is only fit for trying")
    host: str = Field("127.0.0.1", description="The address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="The port to listen on; 0 takes a free one")
    workers: int = Field(1, ge=1, le=MAX_WORKERS, description="Processes that serve; several need PostgreSQL")
    trusted_proxies: str = Field("127.0.0.1", description="Whose X-Forwarded-… headers are believed, parted by commas")
    database_url: str = Field("sqlite:///var/reality.db", description="sqlite:///path or postgresql://user:pw@host/db")
    database_pool: int = Field(POOL_SIZE, ge=1, le=200, description="Connections at most, to each database")
    page_cache_mb: int = Field(
        16, ge=0, le=4_096, description="Memory for pages that are shown again while nothing happens; 0 for none"
    )
    auto_migrate: bool | None = Field(
        None, description="Whether `reality serve` upgrades the database (true | false); by default in development only"
    )
    secret_key: SecretStr | None = Field(
        None,
        validate_default=True,
        description=f"Signs tokens and seals cursors; at least {MIN_SECRET_BYTES} bytes; required in production",
    )
    secret_file: Path = Field(Path("var/secret"), description="Where development keeps the secret it made for itself")
    cors_origins: Origins = Field((), description="Origins of web pages that may call the API, parted by commas")
    docs: bool | None = Field(
        None,
        description="Whether /docs, /redoc and /openapi.json are served (true | false); by default in development only",
    )
    body_limit: int = Field(1_048_576, ge=1_024, le=104_857_600, description="The largest body of a request, in bytes")
    archive_limit_mb: int = Field(
        1_024, ge=1, le=1_048_576, description="The largest archive of a world that may be imported over HTTP, in MB"
    )
    registration: Literal["open", "closed"] = Field("open", description="Whether anyone may make an account")
    access_token_minutes: int = Field(15, ge=1, le=1_440, description="How long an access token is good for")
    refresh_token_days: int = Field(30, ge=1, le=365, description="How long a session lives on unused")
    password_hasher: Literal["bcrypt", "argon2id"] = Field("bcrypt", description="How new passwords are hashed")
    bcrypt_rounds: int = Field(12, ge=4, le=16, description="Each round more doubles the time a password takes")
    keep_answers_hours: int = Field(
        48, ge=24, le=8_760, description="How long a repeated Idempotency-Key is answered as before, in hours"
    )
    keep_sessions_days: int = Field(
        30, ge=1, le=3_650, description="How long sessions that have ended are remembered, with their tokens"
    )
    keep_told_days: int = Field(
        7, ge=1, le=3_650, description="How long it is remembered that the outside was told of events"
    )
    tidy_minutes: int = Field(
        10,
        ge=0,
        le=1_440,
        description="How often a server deletes what is kept no longer; 0 leaves it to reality tidy",
    )
    pack_upload: Literal["users", "admins"] = Field("users", description="Who may upload packs")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged, and above")
    log_format: Literal["readable", "json"] | None = Field(
        None, description="readable | json; by default readable in development, JSON in production"
    )

    @field_validator("database_url")
    @classmethod
    def _readable_url(cls, address: str) -> str:
        try:
            parse_url(address)
        except InvalidError as error:
            raise ValueError(f"{error.message}; {error.hint}") from error
        return address

    @field_validator("secret_key")
    @classmethod
    def _strong_secret(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is None or not secret.get_secret_value():
            if info.data.get("environment") == "production":
                raise ValueError("production needs a secret; make one with: openssl rand -base64 48")
            return None
        text = secret.get_secret_value()
        if len(text.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"the secret is shorter than {MIN_SECRET_BYTES} bytes")
        if _PLACEHOLDER.search(text) or len(set(text)) < _MIN_DIFFERENT:
            raise ValueError("this is a placeholder, not a secret; make one with: openssl rand -base64 48")
        return secret

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
    def production(self) -> bool:
        """Whether this serves people, and not only whoever tries it."""
        return self.environment == "production"

    @property
    def migrates(self) -> bool:
        """Whether `reality serve` upgrades the database by itself."""
        return self.auto_migrate if self.auto_migrate is not None else not self.production

    @property
    def shows_docs(self) -> bool:
        """Whether the documentation of the API is served."""
        return self.docs if self.docs is not None else not self.production

    @property
    def logs_json(self) -> bool:
        """Whether log lines are JSON objects."""
        return self.log_format == "json" if self.log_format is not None else self.production


def load_settings(dotenv: str | None = DOTENV) -> Settings:
    """Read the environment, and `.env` for what it does not say; raises SettingsError with every mistake."""
    problems = list(_misspelt())
    try:
        settings = Settings(_env_file=dotenv)
    except ValidationError as error:
        problems += [_problem(str(one["loc"][0]), str(one["msg"])) for one in error.errors(include_input=False)]
    else:
        if not problems:
            return settings
    count = f"{len(problems)} setting{' is' if len(problems) == 1 else 's are'} wrong"
    raise SettingsError(count, problems=tuple(problems))


def variable(field: str) -> str:
    """Return the name of a field's environment variable."""
    return f"{PREFIX}{field.upper()}"


def _problem(field: str, message: str) -> Problem:
    name = variable(field)
    return Problem("bad_settings", f"{name}: {message.removeprefix('Value error, ')}", field=name)


def _misspelt() -> list[Problem]:
    """Tell names that are nearly those of settings: what was meant would be ignored in silence."""
    names = {variable(field) for field in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in names)
    near = [(name, get_close_matches(name, names, 1, 0.85)) for name in unknown]
    return [
        Problem("bad_settings", f"{name}: there is no such setting; did you mean {found[0]}?", field=name)
        for name, found in near
        if found
    ]
