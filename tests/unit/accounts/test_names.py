"""Names of people and bots: what is accepted is what the schema says, and nothing around it is kept."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from reality_engine.accounts.schemas import Name

NAMES = TypeAdapter(Name)


@pytest.mark.parametrize("name", ["M", "Mira", " Mira\n", "\tMira van Dam\x0b", "x" * 80])
def test_a_name_is_kept_without_the_space_around_it(name: str) -> None:
    assert NAMES.validate_python(name) == name.strip()
    assert re.search(NAMES.json_schema()["pattern"], name)


@pytest.mark.parametrize("name", ["", " ", "\n", "Mi\nra", "Mi\x00ra", "\x7fMira", "x" * 80 + " "])
def test_a_name_with_what_no_line_can_hold_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NAMES.validate_python(name)
