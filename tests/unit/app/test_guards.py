from collections.abc import Iterator
from typing import Any

import pytest

from reality_engine.app.api import document
from reality_engine.app.guards import doors_of, rate_rules
from reality_engine.app.settings import Settings
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.web.who import WHO

RULES = rate_rules(Settings(_env_file=None))
SOMEBODY = Principal(PrincipalKind.PERSON, "somebody")
COSTLY = {"upload_pack", "check_pack", "fork_world", "upgrade", "import_world", "export_world"}


def operations() -> Iterator[tuple[str, str, str]]:
    paths: Any = document()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path.replace("{", "").replace("}", "")


def rate_of(method: str, path: str) -> str:
    scope = {"type": "http", "method": method, "path": path, "client": ("192.0.2.1", 1), WHO: SOMEBODY}
    return RULES.of(scope)[0].name


def test_what_is_costly_has_a_rate_of_its_own() -> None:
    found = {name for name, method, path in operations() if rate_of(method, path) == "costly"}
    assert len(found) == len(COSTLY), found


@pytest.mark.parametrize("word", ["token", "register", "password", "email"])
def test_wherever_somebody_proves_who_they_are_it_is_counted_by_network(word: str) -> None:
    found = {rate_of(method, path) for _, method, path in operations()
             if method == "POST" and path.startswith(f"/api/v1/auth/{word}")}  # fmt: skip
    assert found == {"sign-in"}


def test_everything_else_reads_or_writes() -> None:
    for _, method, path in operations():
        if not path.startswith("/api/v1/auth/") and rate_of(method, path) not in ("costly", "sign-in"):
            assert rate_of(method, path) == ("reads" if method == "GET" else "writes")


def test_in_production_the_server_has_one_name_and_one_scheme() -> None:
    chosen: dict[str, Any] = {"environment": "production", "secret_key": "Vq3yJx0mB7nL5cT9rK2wZ8hD4fG6sP1a"}
    doors = doors_of(Settings(_env_file=None, public_url="https://worlds.example.org:8443/here", **chosen))
    assert (doors.hosts, doors.https) == (("worlds.example.org",), "https://worlds.example.org:8443/here")
    left = Settings(_env_file=None, public_url="https://a.example", https_only=False, allowed_hosts=("*",), **chosen)
    assert (doors_of(left).hosts, doors_of(left).https) == ((), "")
    assert doors_of(Settings(_env_file=None)).hosts == ()
