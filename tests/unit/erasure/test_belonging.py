"""What belongs to a person in a log, and what does not."""

from typing import Any

import pytest

from reality_engine.erasure.belonging import Belonging
from reality_engine.eventlog.sealing import MARK

PERSON, OTHER = "mira", "jo"


def personal(_pack: str, kind: str) -> set[str]:
    return {"member": {"name"}, "ban": {"reason"}}.get(kind, set())


def changes(kind: str, user: str, name: str, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an event that makes an entity about a user, and what is kept of it aside."""
    rows = [["e1", kind, name, None, {MARK: "c1"}], ["e1", kind, "user", None, user]]
    return {"type": kind, "pack": "p", "correlation": "action", "changes": rows}, {"c1": ["salt", text]}


@pytest.mark.parametrize(("kind", "name"), [("member", "name"), ("ban", "reason")])
@pytest.mark.parametrize(("user", "found"), [(PERSON, ["shouting"]), (OTHER, [])])
def test_what_is_said_of_a_member_or_of_who_is_banned_belongs_to_them(
    kind: str, name: str, user: str, found: list[str]
) -> None:
    belonging = Belonging(PERSON, personal)
    belonging.play(1, *changes(kind, user, name, "shouting"))
    assert [run.value for run in belonging.standing()] == found
    assert (belonging.member() is not None) is (kind == "member" and user == PERSON)
