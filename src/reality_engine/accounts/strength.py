"""What a password must be, after NIST SP 800-63B: long enough, and nothing that is tried first; not how it is kept.

There are no rules about which characters it has: they make people write `Password1!`. What is common is told by its
core, which is left when letters are written plainly and what people put before and after is taken off.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from reality_engine.accounts.errors import WeakPasswordError

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 1_000
# Digits and signs that stand for letters.
_PLAINLY: Final = str.maketrans("@431!05$7", "aaeiiosst")
_AROUND: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
# What is typed along a row of keys, or of the alphabet, forwards and backwards.
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm",
    "azertyuiop", "qsdfghjklm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujm",
)  # fmt: skip
# Those that head every published count of leaked passwords; doubled ones are found too.
_HEADS: Final = """
password motdepasse passwort contrasena parola senha secret geheim changeme change letmein trustno default
welcome willkommen bienvenue hello hallo admin administrator root user guest test testing demo login access master
monkey dragon tiger lion eagle falcon phoenix shadow ninja samurai warrior hunter killer pirate wizard knight
football fussball futbol soccer baseball basketball hockey golfer liverpool arsenal chelsea barcelona juventus
iloveyou loveyou ilove lovely love forever sunshine rainbow flower butterfly princess prinzessin angel angels baby
babygirl chocolate cookie cheese banana orange apple summer winter spring autumn sommer january february march april
june july august september october november december monday tuesday wednesday thursday friday saturday sunday
michael jennifer jessica ashley nicole daniel michelle charlie andrew matthew joshua thomas robert jordan george
superman batman spiderman starwars pokemon minecraft naruto matrix mustang porsche ferrari mercedes corvette yamaha
harley computer internet server google facebook twitter samsung android microsoft windows linux blink freedom
whatever nothing something security secure private money diamond silver golden london paris berlin america freedom
jesus christ heaven blessed family mother father brother sister friend friends qwerty qwertz azerty asdf zxcv
"""
_COMMON: Final = frozenset(_HEADS.split())


def require_strong(password: str, *known: str) -> None:
    """Raise WeakPasswordError where the password keeps nobody out; `known` is what others know of its owner."""
    normal = normal_password(password)
    if len(normal) < MIN_LENGTH:
        message = f"the password needs at least {MIN_LENGTH} characters"
        raise WeakPasswordError(message, field="password", hint="a few words in a row are easy to keep in mind")
    if len(normal) > MAX_LENGTH:
        raise WeakPasswordError(f"the password has more than {MAX_LENGTH} characters", field="password")
    folded = normal.casefold().strip()
    if _is_tried_first(folded):
        hint = "take a few words that do not belong together"
        raise WeakPasswordError("the password is among those that are tried first", field="password", hint=hint)
    if _says(folded, known):
        message = "the password says what others know of you, or of this server"
        raise WeakPasswordError(message, field="password", hint="take a few words that do not belong together")


def normal_password(password: str) -> str:
    """Return the one form of a password: the same key may give different characters on another keyboard."""
    return unicodedata.normalize("NFKC", password)


def _is_tried_first(folded: str) -> bool:
    core, plain = _core(folded), _core(folded.translate(_PLAINLY))
    forms = {_repeated(form) for form in (folded, core, core.translate(_PLAINLY), plain) if len(form) > 3}
    return _is_a_run(folded) or any(form in _COMMON or any(form in row for row in _rows()) for form in forms)


def _rows() -> Iterator[str]:
    for row in _ROWS:
        yield row
        yield row[::-1]


def _core(text: str) -> str:
    """Return what is left without the digits and signs around it."""
    return _AROUND.sub("", text)


def _repeated(text: str) -> str:
    """Return the part that is repeated, where a text is one part again and again."""
    at = (text + text).find(text, 1)
    return text[:at] if 0 < at < len(text) else text


def _is_a_run(text: str) -> bool:
    """Say whether each character is as far from the next as all others, as in 12345678 and aaaaaaaa."""
    return len({ord(second) - ord(first) for first, second in pairwise(text)}) < 2


def _says(folded: str, known: Iterable[str]) -> bool:
    words = {word for one in (*known, "reality engine") for word in _words(one)}
    return bool(words & {folded, _bare(folded), _core(folded)})


def _words(known: str) -> Iterator[str]:
    """Yield what a password may not be, whatever digits and signs are around it: the whole, and each part of it."""
    folded = known.casefold().strip()
    yield folded
    for one in (folded, *re.split(r"[@\s]", folded), *re.split(r"[\W_]+", folded)):
        if len(_bare(one)) > 2:
            yield _bare(one)


def _bare(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text)
