"""`reality rebuild`: puts right what is not as the log makes it, and says what that was."""

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.commanding import Captured, run, type_password, use, world_made


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, database_url)
    type_password(monkeypatch)


def execute(url: str, statement: str) -> None:
    engine = create_engine(url.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_is_wrong_is_put_right_and_told(tmp_path: Path, database_url: str, capsys: Captured) -> None:
    world = world_made(tmp_path, capsys)
    assert run("rebuild") == 0
    assert f"{world}: nothing was wrong" in capsys.readouterr().out
    execute(database_url, "delete from event_facets where facet = 0")
    execute(database_url, "update entity_facets set fields = replace(fields, 'false', 'true')")
    assert run("verify") == 1
    capsys.readouterr()
    assert run("rebuild", world) == 0
    assert re.search(r"rows put right: \d of entity_facets, 1 of event_facets", capsys.readouterr().out)
    assert run("verify") == 0
    execute(database_url, "update events set type = 'other'")
    assert run("rebuild") == 1
    assert "must come from a backup" in capsys.readouterr().err
    assert run("rebuild", "nonsense") == 1
    assert run("rebuild", "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10") == 1
