"""Leaks by the words of a no, and by what is said to be allowed."""

from typing import Any

import pytest

from reality_engine.actions import allowed
from reality_engine.rules import asking
from reality_engine.rules.decision import RefusalError
from tests.properties.leaks.catalogue import Aim, leak


@leak("error text", Aim(reads=10), pack="notes")
def a_hidden_id_is_denied_and_not_missing(patch: pytest.MonkeyPatch) -> None:
    named = asking._named

    def told(deciding: Any, key: str, *rest: Any, **options: Any) -> Any:
        if key in deciding.request.hidden and deciding.working.entity(key) is not None:
            raise RefusalError("denied", "this is not for you")
        return named(deciding, key, *rest, **options)

    patch.setattr(asking, "_named", told)


@leak("error text", Aim(reads=10), pack="notes")
def an_error_says_what_a_hidden_id_is_of(patch: pytest.MonkeyPatch) -> None:
    named = asking._named

    def told(deciding: Any, key: str, *rest: Any, **options: Any) -> Any:
        found = deciding.working.entity(key)
        if key in deciding.request.hidden and found is not None:
            raise RefusalError("not_found", f"there is no such {found.kind} for you")
        return named(deciding, key, *rest, **options)

    patch.setattr(asking, "_named", told)


@leak("choices", Aim("/actions"), pack="ghosts")
def what_is_allowed_looks_at_hidden_entities(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(allowed, "named_by", lambda *_: set())
