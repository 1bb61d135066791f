"""Who may have an account, and how people prove who they are."""

from typing import Literal

from pydantic import Field

from reality_engine.app.options.base import Options


class AccountOptions(Options):
    """Registration, lifetimes of tokens, passwords."""

    registration: Literal["open", "invite", "closed"] = Field(
        "open", description="Who may make an account for themselves"
    )
    access_token_minutes: int = Field(15, ge=1, le=1_440, description="How long an access token is good for")
    refresh_token_days: int = Field(30, ge=1, le=365, description="How long a session lives on unused")
    token_algorithm: Literal["HS256", "RS256", "ES256", "EdDSA"] = Field(
        "HS256",
        description="How access tokens are signed; all but HS256 by keys whose public half others may have",
    )
    password_hasher: Literal["bcrypt", "argon2id"] = Field("bcrypt", description="How new passwords are hashed")
    bcrypt_rounds: int = Field(12, ge=4, le=16, description="Each round more doubles the time a password takes")
