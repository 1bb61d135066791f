"""Controls that are taken away, each in turn: the tests that hold them must notice. A sample of docs/security.md."""

from typing import Any

import pytest

from reality_engine.accounts.rights import Right, Rights
from reality_engine.kernel.principal import ANONYMOUS
from reality_engine.web import limits
from reality_engine.web.safe_headers import SafeHeaders
from tests.unit.accounts import test_rights
from tests.unit.web import test_limits, test_safe_headers

UNNOTICED = (AssertionError, pytest.fail.Exception, KeyError)


def test_rights_that_everybody_has_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    test_rights.test_only_people_have_rights(ANONYMOUS, Right.MANAGE_USERS)
    monkeypatch.setattr(Rights, "has", lambda *_: True)
    with pytest.raises(UNNOTICED):
        test_rights.test_only_people_have_rights(ANONYMOUS, Right.MANAGE_USERS)


def test_bodies_without_a_bound_on_their_depth_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = b"[" * 9 + b"]" * 9
    test_limits.test_what_is_not_json_or_too_deep_is_refused(deep)
    monkeypatch.setattr(limits, "_is_deeper", lambda *_: False)
    with pytest.raises(UNNOTICED):
        test_limits.test_what_is_not_json_or_too_deep_is_refused(deep)


async def test_answers_without_safe_headers_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    await test_safe_headers.test_every_answer_says_that_it_is_data()

    async def passed_on(self: SafeHeaders, *request: Any) -> None:
        await self._app(*request)

    monkeypatch.setattr(SafeHeaders, "__call__", passed_on)
    with pytest.raises(UNNOTICED):
        await test_safe_headers.test_every_answer_says_that_it_is_data()
