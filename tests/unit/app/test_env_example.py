from pathlib import Path

from reality_engine.app.settings import load_settings
from scripts.write_env_example import FILE, text


def test_the_example_is_in_step_with_the_settings() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run scripts/write_env_example.py"


def test_every_default_in_it_is_valid(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(text().replace("#REALITY_", "REALITY_"))
    assert load_settings(str(file)) == load_settings(None)
