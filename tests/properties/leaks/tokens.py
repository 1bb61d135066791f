"""Leaks by what should mean nothing to a client: cursors, and the point at which an answer stands."""

import base64
import json
from typing import Any

import pytest

from reality_engine.kernel.principal import ANONYMOUS
from reality_engine.reads import dependencies, pages, thin
from reality_engine.web import seals
from tests.properties.leaks.catalogue import Aim, leak, was


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
    for module in (dependencies, pages):
        patch.setattr(module, "stand_at", lambda *given: f"at {given[-1]}")


@leak("kept page", Aim("/feed"))
def a_page_that_is_shown_again_has_the_cursors_that_it_had(patch: pytest.MonkeyPatch) -> None:
    told, had = was(pages.Ends, "told"), dict[int, Any]()

    def kept(ends: Any, cursors: Any) -> Any:
        return had.setdefault(id(ends), (ends, told(ends, cursors)))[1]

    patch.setattr(pages.Ends, "told", kept)


@leak("kept page", Aim("/feed"))
def a_page_is_kept_for_whoever_asks(patch: pytest.MonkeyPatch) -> None:
    sought = was(thin, "Sought")
    patch.setattr(thin, "Sought", lambda _, *rest: sought(ANONYMOUS, *rest))
