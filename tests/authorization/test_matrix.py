"""Who may do what: each operation of the API, asked for by each kind of caller, against what is written down."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from reality_engine.app.api import document
from tests.authorization.asked import HARMLESS, REQUESTS, parts_of, path_of
from tests.court import Court, assemble
from tests.serving import serving

_FILE: Final = Path(__file__).with_name("expected.yaml")
_YAML: Final[Any] = YAML(typ="safe")
EXPECTED: Final[dict[str, Any]] = _YAML.load(_FILE.read_text(encoding="utf-8"))
Outcome = str | int
YES: Final = "yes"
# On the second kind of database, where the same code decides.
FEW: Final = ["anonymous", "manager", "player", "admin", "bot elsewhere"]


async def test_every_operation_is_for_whom_it_is_written_down_to_be(
    database_url: str, dialect: str, pytestconfig: pytest.Config
) -> None:
    wrong: list[str] = []
    short = dialect != "sqlite" and not pytestconfig.getoption("--nightly")
    async with serving(database_url, tidy_minutes=0, log_level="error") as server:
        court = await assemble(server)
        for operation in operations():
            callers = FEW if short else list(court.callers)
            wanted = expected(operation, callers)
            seen = {who: await outcome(court, who, operation) for who in callers}
            wrong += [
                f"{operation['id']}: {who} gets {seen[who]}, and not {wanted.get(who, 'what nobody wrote down')}"
                for who in callers
                if seen[who] != wanted.get(who)
            ]
    assert not wrong, "\n".join(wrong)


def test_every_operation_goes_well_for_somebody() -> None:
    callers = [*EXPECTED["groups"]["people"], *EXPECTED["groups"]["bots"], *EXPECTED["groups"]["unproven"]]
    nobody = [one["id"] for one in operations() if YES not in expected(one, callers).values()]
    assert sorted(nobody) == sorted(EXPECTED["elsewhere"])


def test_nothing_is_written_down_of_operations_that_are_gone() -> None:
    known = {one["id"] for one in operations()}
    assert set(EXPECTED["operations"]) <= known
    assert set(REQUESTS) <= known


@pytest.mark.parametrize("word", ["anonymous", "ended", "banned", "bot revoked"])
def test_who_proved_nothing_gets_nothing_but_what_is_public(word: str) -> None:
    got = {one["id"] for one in operations() if expected(one, [word]).get(word) == YES}
    assert got == {one["id"] for one in operations() if one["access"] == "public"} - set(EXPECTED["elsewhere"])


def operations() -> list[dict[str, str]]:
    """Return every operation of the document: its id, method, path and access."""
    paths: Mapping[str, Any] = document()["paths"]  # type: ignore[assignment]
    return [
        {"id": told["operationId"], "method": method.upper(), "path": path, "access": told["x-access"]}
        for path, methods in paths.items()
        for method, told in methods.items()
    ]


def expected(operation: Mapping[str, str], callers: list[str]) -> dict[str, Outcome]:
    """Return what each caller should get; nothing for a caller of whom nothing is written down."""
    access = EXPECTED["access"]
    general = access.get(operation["access"], access["right:*"] if operation["access"].startswith("right:") else {})
    line: Mapping[str, Any] = EXPECTED["operations"].get(operation["id"], general)
    found: dict[str, Outcome] = {}
    for words, told in sorted(line.items(), key=lambda item: _breadth(item[0])):
        named = callers if words == "everyone" else EXPECTED["groups"].get(words, [words])
        found |= {who: YES if told is True or told == YES else int(told) for who in named if who in callers}
    return found


def _breadth(words: str) -> int:
    """Sort what says more callers before what says fewer: one caller's own word is the last."""
    return -1_000 if words == "everyone" else -len(EXPECTED["groups"].get(words, [words]))


async def outcome(court: Court, who: str, operation: Mapping[str, str]) -> Outcome:
    """Ask, and say what came of it; what a success did is put right again."""
    parts = parts_of(operation["id"], court, who)
    headers = {**court.callers[who], **parts.pop("headers", {})}
    path = path_of(operation["path"], operation["id"], court)
    answer = await court.server.client.request(operation["method"], path, headers=headers, **parts)
    if answer.is_success and operation["method"] != "GET" and operation["id"] not in HARMLESS:
        if operation["id"] == "change_password":
            await court.enter(who)
        await court.mend()
    return YES if answer.is_success else answer.status_code
