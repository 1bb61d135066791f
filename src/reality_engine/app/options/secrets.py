"""The secret of the server, from which all its keys follow; not the keys."""

import re
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from reality_engine.app.options.base import Options

MIN_SECRET_BYTES: Final = 32
_MIN_DIFFERENT: Final = 10  # as many different characters has any secret that was drawn and not typed
_PLACEHOLDER: Final = re.compile(r"change.?(me|this)|example|default|insecure|your.?secret", re.IGNORECASE)


class SecretOptions(Options):
    """One secret, given or made."""

    secret_key: SecretStr | None = Field(
        None,
        validate_default=True,
        description=f"Signs tokens and seals cursors; at least {MIN_SECRET_BYTES} bytes; required in production",
    )
    secret_file: Path = Field(Path("var/secret"), description="Where development keeps the secret it made for itself")

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
