from pathlib import Path

import pytest

from reality_engine.db.engine import dialect_of, open_engines, parse_url
from reality_engine.kernel.errors import InvalidError


@pytest.mark.parametrize(
    ("address", "driver", "name"),
    [
        ("sqlite:///var/reality.db", "sqlite+aiosqlite", "sqlite"),
        ("sqlite+aiosqlite:////srv/reality.db", "sqlite+aiosqlite", "sqlite"),
        ("postgresql://me:secret@host/name", "postgresql+asyncpg", "postgresql"),
        ("postgres://host/name", "postgresql+asyncpg", "postgresql"),
        ("postgresql+asyncpg://host/name", "postgresql+asyncpg", "postgresql"),
    ],
)
def test_the_driver_is_added_where_the_address_names_none(address: str, driver: str, name: str) -> None:
    url = parse_url(address)
    assert url.drivername == driver
    assert dialect_of(url).name == name


@pytest.mark.parametrize("address", ["mysql://host/name", "nothing", "postgresql+psycopg://host/name", ""])
def test_another_database_is_refused_with_what_to_write(address: str) -> None:
    with pytest.raises(InvalidError) as raised:
        parse_url(address)
    assert raised.value.field == "database_url"
    assert "sqlite:///" in str(raised.value.hint)


def test_an_unreadable_address_does_not_show_its_password() -> None:
    with pytest.raises(InvalidError) as raised:
        parse_url("postgresql//me:hunter2@host:nowhere/name")
    shown = f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"
    assert "hunter2" not in str(raised.value)
    assert "hunter2" not in repr(raised.value), shown


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_sqlite_in_memory_is_refused(address: str) -> None:
    with pytest.raises(InvalidError, match="file"):
        open_engines(address)


def test_libpqs_word_for_encryption_is_understood() -> None:
    assert dict(parse_url("postgresql://host/name?sslmode=require").query) == {"ssl": "require"}


def test_a_folder_that_cannot_be_made_is_told() -> None:
    with pytest.raises(InvalidError, match="folder"):
        open_engines("sqlite:////proc/nowhere/reality.db")


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="not a file"):
        open_engines(f"sqlite:///{tmp_path}")
