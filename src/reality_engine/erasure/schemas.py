"""What is asked for and told about erasing people; not the rows."""

from pydantic import Field

from reality_engine.accounts.strength import MAX_LENGTH
from reality_engine.erasure.repository import Erasure
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp


class EraseMeRequest(RequestBody):
    """One's own password, since this cannot be taken back; only who has none leaves it out."""

    password: str | None = Field(None, max_length=MAX_LENGTH, examples=["four words in a row"])


class ErasedMeResponse(ResponseBody):
    """That an account has ended. How much was erased may be more than its owner could see, and is not told."""

    id: str = Field(description="What stands in logs in place of a person from now on")
    asked_at: Timestamp
    finished_at: Timestamp | None = Field(description="When every world was gone through; none while that goes on")

    @classmethod
    def of(cls, erasure: Erasure) -> "ErasedMeResponse":
        """Show an erasure."""
        return cls(id=erasure.user_id, asked_at=erasure.asked_at, finished_at=erasure.finished_at)


class ErasureResponse(ErasedMeResponse):
    """What was erased of somebody, over all times that it was asked for."""

    asked_by: str = Field(description="Who asked for it first")
    worlds: int = Field(description="In how many worlds there was something")
    events: int
    values: int

    @classmethod
    def of(cls, erasure: Erasure) -> "ErasureResponse":
        """Show an erasure."""
        return cls(
            id=erasure.user_id, asked_at=erasure.asked_at, finished_at=erasure.finished_at, asked_by=erasure.asked_by,
            worlds=erasure.worlds, events=erasure.events, values=erasure.values,
        )  # fmt: skip
