"""Letters that were written into a folder, as their readers see them; not their delivery."""

import re
from email import message_from_bytes, policy
from pathlib import Path

from tests.letters import text_of

_TOKEN = re.compile(r"token=([\w-]+)")


def letters_in(folder: Path) -> list[tuple[str, str, str]]:
    """Return recipient, subject and text of each letter, in the order in which they were written, and remove them."""
    found = []
    for file in sorted(folder.glob("*.eml")):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        found.append((str(message["To"]), str(message["Subject"]), text_of(message)))
        file.unlink()
    return found


def token_in(text: str) -> str:
    """Return the token of the link in a letter."""
    found = _TOKEN.search(text)
    assert found is not None, text
    return found[1]
