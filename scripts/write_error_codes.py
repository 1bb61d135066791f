"""Writes docs/errors.md from the table of codes; a test holds the page to it."""

import sys
from itertools import groupby
from pathlib import Path
from typing import Final

from reality_engine.web.codes import CODES

PAGE: Final = Path(__file__).parents[1] / "docs" / "errors.md"
_INTRODUCTION: Final = """\
# Error codes

Every answer that is not a success has the envelope `{"data": null, "meta": {}, "errors": [...]}`, with at least one
error: `code` is stable and for programs, `message` is for people, `field` names the offending part of the input as a
dotted path, `hint` says what to do. Where several things are wrong, every one of them is told.

This page is written by `scripts/write_error_codes.py` from `reality_engine/web/codes.py`.
"""


def main() -> int:
    """Write the page."""
    PAGE.write_text(page())
    print(f"{PAGE}: {len(CODES)} codes")
    return 0


def page() -> str:
    """Return the page: the codes by HTTP status."""
    listed = sorted((entry.status, code, entry.meaning) for code, entry in CODES.items())
    parts = [_INTRODUCTION]
    for status, codes in groupby(listed, key=lambda entry: entry[0]):
        rows = "\n".join(f"| `{code}` | {meaning} |" for _, code, meaning in codes)
        parts.append(f"## {status}\n\n| code | meaning |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
