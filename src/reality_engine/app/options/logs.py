"""What is logged, and how it is written."""

from typing import Literal

from pydantic import Field

from reality_engine.app.options.base import Options


class LogOptions(Options):
    """Level and format."""

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged, and above")
    log_format: Literal["readable", "json"] | None = Field(
        None, description="readable | json; by default readable in development, JSON in production"
    )

    @property
    def logs_json(self) -> bool:
        """Whether log lines are JSON objects."""
        return self.log_format == "json" if self.log_format is not None else self.production
