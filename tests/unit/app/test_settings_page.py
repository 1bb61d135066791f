from scripts.write_settings import FILE, text


def test_the_page_of_settings_is_in_step_with_them() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run scripts/write_settings.py"
