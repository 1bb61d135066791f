import io
import json
import logging
from typing import Any, Literal

import pytest
import structlog

from reality_engine.app.logging import HIDDEN, configure_logging
from reality_engine.app.settings import Settings
from reality_engine.web.request_ids import current


def lines(log_format: Literal["json", "readable"], level: Literal["info", "warning"] = "info") -> io.StringIO:
    stream = io.StringIO()
    configure_logging(Settings(_env_file=None, log_format=log_format, log_level=level), stream)
    return stream


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_both_kinds_of_logger_write_the_same_form() -> None:
    stream = lines("json")
    logging.getLogger("a").warning("it is %s", "late")
    structlog.get_logger("b").warning("it is late", by="an hour")
    first, second = entries(stream)
    assert (first["event"], first["logger"], first["level"]) == ("it is late", "a", "warning")
    assert (second["event"], second["logger"], second["by"]) == ("it is late", "b", "an hour")
    assert first["timestamp"].endswith("Z")


def test_each_line_has_the_id_of_its_request() -> None:
    stream = lines("json")
    token = current.set("r-1")
    logging.getLogger("a").info("within")
    current.reset(token)
    logging.getLogger("a").info("without")
    within, without = entries(stream)
    assert within["request_id"] == "r-1"
    assert "request_id" not in without


@pytest.mark.parametrize("name", ["password", "access_token", "Authorization", "secret_key", "database_url"])
@pytest.mark.parametrize("form", ["json", "readable"])
def test_what_is_named_as_a_secret_is_hidden(name: str, form: Literal["json", "readable"]) -> None:
    stream = lines(form)
    structlog.get_logger("a").info("seen", **{name: "hunter2"})
    assert "hunter2" not in stream.getvalue()
    assert HIDDEN in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "readable"])
def test_an_exception_is_told_without_local_variables(form: Literal["json", "readable"]) -> None:
    stream = lines(form)
    password = "hunter" + str(2)
    try:
        raise ValueError(len(password))
    except ValueError:
        logging.getLogger("a").exception("it failed")
    assert "ValueError: 7" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


def test_a_line_break_in_a_value_makes_no_line_of_its_own() -> None:
    stream = lines("readable")
    structlog.get_logger("a").info("request", path="/x\nforged line")
    assert len(stream.getvalue().splitlines()) == 1


def test_what_is_below_the_level_is_not_written() -> None:
    stream = lines("json", "warning")
    logging.getLogger("a").info("chatter")
    structlog.get_logger("b").info("chatter")
    assert stream.getvalue() == ""
