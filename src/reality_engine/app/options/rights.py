"""What on this server anybody with an account may do, and what its administrators alone."""

from typing import Literal

from pydantic import Field

from reality_engine.app.options.base import Options


class RightOptions(Options):
    """Each is for people; bots have no rights outside of worlds."""

    pack_upload: Literal["users", "admins"] = Field("users", description="Who may upload packs")
    world_creation: Literal["users", "admins"] = Field("users", description="Who may create worlds")
