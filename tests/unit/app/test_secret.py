import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from reality_engine.app.secret import secret_of
from reality_engine.app.settings import Settings
from reality_engine.kernel.errors import InvalidError

GIVEN = "Vq3yJx0mB7nL5cT9rK2wZ8hD4fG6sP1a"


def settings(file: Path, secret: str | None = None) -> Settings:
    return Settings(_env_file=None, secret_file=file, secret_key=SecretStr(secret) if secret else None)


def test_development_makes_a_secret_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secret"
    secret = secret_of(settings(file))
    assert len(secret) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret_of(settings(file)) == secret
    assert [each.name for each in file.parent.iterdir()] == ["secret"]


def test_a_secret_that_is_given_makes_no_file(tmp_path: Path) -> None:
    assert secret_of(settings(tmp_path / "secret", GIVEN)) == GIVEN.encode()
    assert list(tmp_path.iterdir()) == []


def test_those_that_start_together_have_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(secret_of, [settings(tmp_path / "secret")] * 8))
    assert len(secrets) == 1


def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short")
    with pytest.raises(InvalidError, match="holds no secret"):
        secret_of(settings(tmp_path / "secret"))


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="Is a directory"):
        secret_of(settings(tmp_path))
