"""What people send about their second factor, and get; not the rows."""

from pydantic import Field

from reality_engine.factors.factors import Held
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp


class FactorRequest(RequestBody):
    """One's password, typed again."""

    password: str = Field(json_schema_extra={"format": "password"}, examples=["correct horse battery staple"])


class ConfirmRequest(RequestBody):
    """A code that the authenticator shows."""

    otp: str = Field(min_length=1, max_length=20, examples=["492039"])


class ProvedRequest(RequestBody):
    """One's password, and a code of the authenticator or for its loss."""

    password: str = Field(json_schema_extra={"format": "password"}, examples=["correct horse battery staple"])
    otp: str | None = Field(None, max_length=50, examples=["492039"])


class FactorResponse(ResponseBody):
    """Whether somebody has a second factor."""

    confirmed_at: Timestamp | None = Field(description="Since when a code is asked for; null where none is")
    recovery_codes: int = Field(description="How many recovery codes are left")

    @classmethod
    def of(cls, held: Held) -> "FactorResponse":
        """Show what somebody has."""
        return cls(confirmed_at=held.confirmed_at, recovery_codes=held.recovery_codes)


class BegunResponse(ResponseBody):
    """What an authenticator is set up by; shown once."""

    secret: str = Field(description="To be typed into the authenticator, in base32")
    uri: str = Field(description="The same as an address, to be shown as a QR code")


class CodesResponse(ResponseBody):
    """Codes for the loss of the authenticator, each good once; shown once."""

    recovery_codes: list[str]
