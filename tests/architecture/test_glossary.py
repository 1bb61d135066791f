"""The words of the product are explained, and mean what the code calls so."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text()
ROWS = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \| ?(?:`([a-zA-Z_.]+)`)? ?\|$", PAGE, re.MULTILINE)
NAMED = [(word, path) for word, _, path in ROWS if path]
# What the rest of the design is written in: none of these may go unexplained.
WORDS = (
    "world", "pack", "core pack", "kind", "entity", "action", "event", "reaction", "schedule", "principal", "role",
    "audience", "audience key", "scope", "facet", "proposal", "feed", "position", "cursor", "snapshot", "outbox",
)  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_design_is_explained(word: str) -> None:
    assert word in [row[0] for row in ROWS]


def test_words_stand_in_order_and_once() -> None:
    words = [row[0] for row in ROWS]
    assert words == sorted(set(words))
    assert len(words) == PAGE.count("| **")


@pytest.mark.parametrize(("word", "path"), NAMED, ids=[word for word, _ in NAMED])
def test_a_word_is_where_the_glossary_says(word: str, path: str) -> None:
    module, _, name = f"reality_engine.{path}".rpartition(".")
    assert hasattr(import_module(module), name) or find_spec(f"{module}.{name}"), word
