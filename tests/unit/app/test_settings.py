import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from reality_engine.app.settings import Settings, SettingsError, load_settings
from reality_engine.mail.places import Console

GOOD = "Vq3yJx0mB7nL5cT9rK2wZ8hD4fG6sP1a"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("REALITY_")]:
        monkeypatch.delenv(name)


def settings_of(**chosen: Any) -> Settings:
    return Settings(_env_file=None, **chosen)


# What production cannot do without.
PRODUCTION: dict[str, Any] = {
    "environment": "production", "secret_key": GOOD, "public_url": "https://worlds.example.org"
}  # fmt: skip


def wrong(**chosen: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        settings_of(**chosen)
    return [str(one["loc"][0]) for one in caught.value.errors()]


def test_development_needs_no_setting() -> None:
    settings = load_settings(None)
    assert (settings.production, settings.migrates, settings.shows_docs, settings.logs_json) == (
        False,
        True,
        True,
        False,
    )


def test_production_closes_what_is_only_for_trying() -> None:
    settings = settings_of(**PRODUCTION)
    assert (settings.migrates, settings.shows_docs, settings.logs_json) == (False, False, True)
    opened = settings_of(**PRODUCTION, docs=True, auto_migrate=True, log_format="readable")
    assert (opened.migrates, opened.shows_docs, opened.logs_json) == (True, True, False)


@pytest.mark.parametrize(
    "secret", [None, "", "short", "x" * 64, "change-me-" + GOOD, "an-example-" + GOOD, "abab" * 20, "é" * 15]
)
def test_production_refuses_a_secret_that_is_none(secret: str | None) -> None:
    assert wrong(**{**PRODUCTION, "secret_key": secret}) == ["secret_key"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("public_url", None),
        ("public_url", "http://worlds.example.org"),
        ("public_url", "worlds.example.org"),
        ("cors_origins", "*"),
        ("cors_origins", "http://console.example.org"),
    ],
)
def test_production_refuses_what_others_can_read_or_change(field: str, value: Any) -> None:
    assert wrong(**{**PRODUCTION, field: value}) == [field]


def test_this_machine_alone_needs_no_https() -> None:
    chosen = {"public_url": "http://localhost:8000", "cors_origins": "http://localhost:5173"}
    assert not settings_of(**{**PRODUCTION, **chosen}).reached_by_https


def test_any_origin_may_call_in_development() -> None:
    assert settings_of(cors_origins="*").cors_origins == ("*",)


def test_a_secret_counts_in_bytes() -> None:
    assert settings_of(secret_key="àèìòùáéíóúâêîôû" + "xy").secret_key is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("environment", "staging"),
        ("port", 65_536),
        ("database_url", "mysql://localhost/x"),
        ("database_url", "nonsense"),
        ("cors_origins", "*, https://a.example"),
        ("allowed_hosts", "https://a.example"),
        ("allowed_hosts", "a.example:8000"),
        ("allowed_hosts", "a.*.example"),
        ("rate_reads", "many"),
        ("redis_url", "http://localhost"),
        ("cors_origins", "https://a.example, b.example"),
        ("cors_origins", "https://a.example/"),
        ("body_limit", 0),
        ("bcrypt_rounds", 3),
        ("access_token_minutes", 0),
        ("pack_upload", "anyone"),
    ],
)
def test_a_wrong_value_is_refused(field: str, value: Any) -> None:
    assert wrong(**{field: value}) == [field]


def test_origins_are_parted_by_commas() -> None:
    settings = settings_of(cors_origins="https://a.example, http://localhost:5173,")
    assert settings.cors_origins == ("https://a.example", "http://localhost:5173")


def test_every_mistake_is_told_at_once_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    mistakes = {
        "REALITY_ENVIRONMENT": "production",
        "REALITY_PORT": "many",
        "REALITY_DATABASE_URL": "mysql://mira:hunter2@localhost/x",
        "REALITY_SECRET_KEY": "hunter2",
        "REALITY_REGISTRATON": "closed",
    }
    for name, value in mistakes.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(None)
    told = [problem.message for problem in caught.value.problems]
    assert [message.partition(":")[0] for message in told] == [
        "REALITY_REGISTRATON",
        "REALITY_PORT",
        "REALITY_PUBLIC_URL",
        "REALITY_DATABASE_URL",
        "REALITY_SECRET_KEY",
    ]
    assert "did you mean REALITY_REGISTRATION?" in told[0]
    assert "hunter2" not in "".join(told)


def test_names_of_other_programs_are_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALITY_PG_BIN", "/usr/lib/postgresql/15/bin")
    assert load_settings(None).port == 8000


def test_the_environment_comes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("REALITY_PORT=1111\nREALITY_HOST=10.1.1.1\nREALITY_LOG_FORMAT=\nOTHER=1\n")
    monkeypatch.setenv("REALITY_PORT", "2222")
    settings = load_settings(str(file))
    assert (settings.port, settings.host, settings.log_format) == (2222, "10.1.1.1", None)


def test_the_public_address_is_that_of_the_port_or_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(None).public_address == "http://localhost:8000"
    monkeypatch.setenv("REALITY_PUBLIC_URL", "https://worlds.example.org/")
    assert load_settings(None).public_address == "https://worlds.example.org"


@pytest.mark.parametrize(
    "address", ["worlds.example.org", "ftp://a", "https://", "https://a?b=1", "https://a/#x", "https://u:p@a"]
)
def test_a_public_address_is_a_plain_one(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("REALITY_PUBLIC_URL", address)
    with pytest.raises(SettingsError) as raised:
        load_settings(None)
    assert [problem.field for problem in raised.value.problems] == ["REALITY_PUBLIC_URL"]


def test_mail_goes_to_the_console_in_development_and_nowhere_by_itself_in_production() -> None:
    assert settings_of().mail_place == Console()
    assert settings_of(**PRODUCTION).mail_place is None
    assert not settings_of().verifies_email


def test_mail_by_smtp_verifies_addresses_unless_that_is_not_wanted() -> None:
    smtp = {"mail_url": "smtps://u:p@mail.example.org", "mail_from": "Worlds <worlds@example.org>"}
    assert settings_of(**smtp).verifies_email
    assert not settings_of(**smtp, verify_email="optional").verifies_email
    assert str(settings_of(**smtp).mail_sender) == "Worlds <worlds@example.org>"


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("mail_url", {"mail_url": "nowhere"}),
        ("mail_url", {"mail_url": "console:", **PRODUCTION}),
        ("mail_from", {"mail_url": "smtp://localhost"}),
        ("mail_from", {"mail_from": "nobody"}),
        ("mail_from", {"mail_from": "a@b.example\nBcc: c@d.example"}),
        ("verify_email", {"verify_email": "required", **PRODUCTION}),
    ],
)
def test_mail_that_cannot_be_sent_is_told_at_the_start(field: str, chosen: dict[str, Any]) -> None:
    assert wrong(**chosen) == [field]


def test_the_password_of_the_mail_server_is_not_shown() -> None:
    settings = settings_of(mail_url="smtps://u:secret@mail.example.org", mail_from="w@example.org")
    assert "secret@" not in repr(settings) + str(settings.mail_place)
