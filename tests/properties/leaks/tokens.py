"""Leaks by what should mean nothing to a client: cursors, and the point at which an answer stands."""

import base64
import json
from typing import Any

import pytest

from reality_engine.reads import dependencies
from reality_engine.web import seals
from tests.properties.leaks.catalogue import Aim, leak


@leak("cursor", often=True)
def a_cursor_can_be_read(patch: pytest.MonkeyPatch) -> None:
    def seal(_self: Any, payload: Any, *_bound: str) -> str:
        return base64.urlsafe_b64encode(json.dumps({"at": payload, "in": "this list"}).encode()).decode()

    def opened(_self: Any, text: str, *_bound: str) -> Any:
        try:
            return json.loads(base64.urlsafe_b64decode(text))["at"]
        except ValueError as error:
            raise seals.BrokenSealError from error

    patch.setattr(seals.Seals, "seal", seal)
    patch.setattr(seals.Seals, "open", opened)


@leak("cursor", Aim("/feed", acts=(2, 6)), pack="beggars")
def a_cursor_is_as_long_as_its_place(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(seals, "_BLOCK_BYTES", 1)


@leak("revision", Aim("/feed"))
def the_point_at_which_an_answer_stands_can_be_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dependencies, "stand_at", lambda *given: f"at {given[-1]}")
