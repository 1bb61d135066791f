"""Leaks by what must not be there twice: who may not see it learns of it by trying."""

from typing import Any

import pytest

from reality_engine.packs.compiler import fields, pack
from reality_engine.rules import store
from reality_engine.rules.decision import RefusalError
from reality_engine.state.entity import unique_key
from tests.properties.leaks.catalogue import Aim, leak, was


@leak("uniqueness", Aim(reads=10), pack="spies", often=True)
def a_hidden_field_may_be_unique(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fields, "_check_unique", lambda *_: None)
    patch.setattr(pack, "check_flows", lambda *_: ())


@leak("uniqueness", Aim(reads=10), pack="towns")
def a_value_that_is_there_already_is_told_with_what_else_its_holder_has(patch: pytest.MonkeyPatch) -> None:
    check = was(store, "check_unique")

    def told(deciding: Any, entity: str, kind: Any, field: Any, value: Any) -> None:
        try:
            check(deciding, entity, kind, field, value)
        except RefusalError as refusal:
            holder = deciding.working.find(kind.name, field.name, unique_key(value))
            fields = dict(deciding.working.entity(holder).fields)
            raise RefusalError("not_unique", f"{refusal.refused.message} ({fields})") from None

    patch.setattr(store, "check_unique", told)
