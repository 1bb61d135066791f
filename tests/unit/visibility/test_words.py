import pytest
from hypothesis import given
from hypothesis import strategies as st

from reality_engine.kernel.errors import InvalidError
from reality_engine.visibility.words import MAX_ASKED, MAX_LETTERS, MAX_WORDS, asked_words, kept_words


def found(query: str, text: str) -> bool:
    """Say whether a search finds a text, the way the databases do it."""
    kept = kept_words([text])
    return all(f" {word}" in kept for word in asked_words(query))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("stras", "Straße"), ("STRASSE", "straße"), ("istanbul", "İstanbul"), ("fish", "ﬁsh"), ("resume", "Résumé"),
        ("o'brien", "O'Brien"), ("brien", "O'Brien"), ("snake_case", "a snake case"), ("12", "①②"), ("ωδη", "Ὠδή"),
        ("\uff13", "3"), ("京都", "東京都に行く"), ("東京都", "東京都に行く"), ("都", "東京都"), ("く", "行く"),
        ("行", "行く"), ("ｶﾞｷﾞ", "ガギ"), ("한", "한국어"), ("하", "한국어"), ("हिन्दी", "हिन्दी में"),
        ("ไทย", "ภาษาไทย"), ("iphone機", "iPhone機種"),
        ("x" * 90, "x" * 80),
    ],
)  # fmt: skip
def test_found(query: str, text: str) -> None:
    assert found(query, text)


@pytest.mark.parametrize(("query", "text"), [("case", "lowercase"), ("京東", "東京"), ("ab", "a b"), ("b2", "b 2")])
def test_not_found(query: str, text: str) -> None:
    assert not found(query, text)


def test_what_another_word_begins_with_is_asked_with_it_and_the_longest_first() -> None:
    assert asked_words("a tide tides Ti on") == ("tides", "on", "a")


def test_words_are_kept_sorted_once_and_within_limits() -> None:
    assert kept_words(["b a", "B"]) == " a b"
    assert kept_words(["", "?!"]) == ""
    many = kept_words(f"w{number}" for number in range(MAX_WORDS + 5))
    assert many.count(" ") == MAX_WORDS
    assert kept_words(["x" * 99]) == " " + "x" * MAX_LETTERS


@pytest.mark.parametrize("query", ["", "_", "\u0301", "x" * 201, " ".join("abcdefghijklmnopq"[: MAX_ASKED + 1])])
def test_a_search_that_cannot_be_made_is_refused(query: str) -> None:
    with pytest.raises(InvalidError) as refused:
        asked_words(query)
    assert refused.value.field == "q"


@given(st.lists(st.text(), max_size=5), st.text(max_size=30))
def test_words_are_letters_and_digits_alone_and_every_text_finds_itself(texts: list[str], query: str) -> None:
    kept = kept_words([*texts, query])
    words = kept.split(" ")[1:]
    assert words == sorted(set(words))
    assert all(word.isalnum() and 0 < len(word) <= MAX_LETTERS and word == word.casefold() for word in words)
    try:
        asked = asked_words(query)
    except InvalidError:
        return
    assert all(f" {word}" in kept for word in asked)
