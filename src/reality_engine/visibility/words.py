"""What counts as a word, in what is kept and in what is searched for, the same on every database; pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from reality_engine.kernel.errors import InvalidError

# What is searched for, as `asked_words` makes it.
Words: TypeAlias = tuple[str, ...]

# Of longer words the beginning counts: what a token may be long is limited in either database.
MAX_LETTERS: Final = 40
# The words of one facet; what comes after them is not found.
MAX_WORDS: Final = 2_000
MAX_QUERY: Final = 200
MAX_ASKED: Final = 16

# Scripts that are written without spaces: what stands between them is not a word but a sentence.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"  # radicals and marks
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Han
)
_WORD: Final = re.compile(r"[^\W_]+")
_RUN: Final = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")


def kept_words(texts: Iterable[str]) -> str:
    """Return the distinct words of some texts, sorted, each with a space before it: the form in which they are kept.

    A word that begins with `x` is there exactly if `" x"` is in it.
    """
    found: set[str] = set()
    for text in texts:
        if text.isascii() and len(text) < MAX_LETTERS * MAX_LETTERS and len(found) < MAX_WORDS // 2:
            # The same as below for what most texts are, short ones of plain letters.
            found.update([word[:MAX_LETTERS] for word in _WORD.findall(text.lower())])
            continue
        for word in _words(text, last=True):
            found.add(word)
            if len(found) == MAX_WORDS:
                return _joined(found)
    return _joined(found)


def asked_words(query: str) -> Words:
    """Return the words that are searched for, the longest first; raises InvalidError.

    What another word begins with is left out, since it is found wherever that one is.
    """
    if len(query) > MAX_QUERY:
        raise InvalidError(f"is too long to search for; at most {MAX_QUERY} characters are allowed", field="q")
    asked = set(_words(query, last=False))
    if not asked:
        raise InvalidError("has no word to search for", field="q", hint="a word has letters or digits")
    if len(asked) > MAX_ASKED:
        raise InvalidError(f"has too many words to search for; at most {MAX_ASKED} are allowed", field="q")
    widest = {word for word in asked if not any(other != word and other.startswith(word) for other in asked)}
    return tuple(sorted(widest, key=lambda word: (-len(word), word)))


def _words(text: str, *, last: bool) -> Iterator[str]:
    plain = _plain(text)
    if plain.isascii():
        yield from (word[:MAX_LETTERS] for word in _WORD.findall(plain))
        return
    for word in _WORD.findall(plain):
        for run in _RUN.findall(word):
            if _IS_UNSPACED.match(run):
                yield from _pairs(run, last=last)
            else:
                yield run[:MAX_LETTERS]


def _plain(text: str) -> str:
    """Return the text without what tells apart what people take for the same letters: case, width, diacritics."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.category(letter).startswith("M"))


def _pairs(run: str, *, last: bool) -> Iterator[str]:
    """Yield every two characters that follow each other; the last one alone too, where a search for it must find it."""
    yield from (run[index : index + 2] for index in range(len(run) - 1))
    if last or len(run) == 1:
        yield run[-1]


def _joined(words: set[str]) -> str:
    return "".join(f" {word}" for word in sorted(words))
