"""Writes .env.example from the settings; a test holds the file to them."""

import sys
import textwrap
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo

from reality_engine.app.settings import Settings, variable

FILE: Final = Path(__file__).parents[1] / ".env.example"
_HEAD: Final = """\
# Settings of Reality Engine. Copy this to .env, or set them as environment variables, which come first.
# Each stands here with its default, commented out. Mistakes are told when the server starts, all at once.
# Written by scripts/write_env_example.py from reality_engine/app/settings.py.
"""


def main() -> int:
    """Write the file."""
    FILE.write_text(text(), encoding="utf-8")
    print(f"{FILE}: {len(Settings.model_fields)} settings")
    return 0


def text() -> str:
    """Return the file: each setting with what it is, what it may be and its default."""
    return _HEAD + "".join(_setting(name, field) for name, field in Settings.model_fields.items())


def _setting(name: str, field: FieldInfo) -> str:
    choices = " | ".join(one for one in getattr(field.annotation, "__args__", ()) if isinstance(one, str))
    said = f"{field.description} ({choices})" if choices else field.description or ""
    comment = textwrap.fill(f"{said}.", 118, initial_indent="# ", subsequent_indent="# ")
    return f"\n{comment}\n#{variable(name)}={_value(field.default)}\n"


def _value(default: Any) -> str:
    return "" if default is None else ",".join(default) if isinstance(default, tuple) else str(default)


if __name__ == "__main__":
    sys.exit(main())
