"""How long what is kept that no log needs."""

from pydantic import Field

from reality_engine.app.options.base import Options


class KeepingOptions(Options):
    """Retention, and the beat at which it is seen to."""

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
