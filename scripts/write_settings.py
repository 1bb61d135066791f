"""Writes docs/settings.md from the settings; a test holds the page to them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from reality_engine.app.options.base import Options
from reality_engine.app.settings import Settings, variable

FILE: Final = Path(__file__).parents[1] / "docs" / "settings.md"
_HEAD: Final = """\
# Settings

Every setting is an environment variable, or a line of `.env` where the environment does not say it. Mistakes are told
when the server starts, all at once, without the values, some of which are secrets. A name that is nearly that of a
setting is a mistake too.
[.env.example](../.env.example) has all of them to be copied.

<!-- written by scripts/write_settings.py -->
"""


def main() -> int:
    """Write the page."""
    FILE.write_text(text(), encoding="utf-8")
    print(FILE)
    return 0


def text() -> str:
    """Return the page: a table for each group."""
    return "\n".join([_HEAD, *(_table(group) for group in _groups())])


def _groups() -> list[type[Options]]:
    """Return the groups in the order in which they are read."""
    return [group for group in reversed(Settings.__mro__) if issubclass(group, Options) and group is not Settings]


def _table(group: type[Options]) -> str:
    own = {name: field for name, field in group.model_fields.items() if name in group.__annotations__}
    about = sys.modules[group.__module__].__doc__ or ""
    rows = "\n".join(_row(name, field) for name, field in own.items())
    heading = about.split("\n", 1)[0].partition(";")[0].rstrip(".")
    return f"## {heading}\n\n| variable | default | what it is |\n|---|---|---|\n{rows}\n"


def _row(name: str, field: FieldInfo) -> str:
    default = _value(field.default)
    said = ". ".join([(field.description or "").replace("|", "\\|"), *_bounds(field)])
    return f"| `{variable(name)}` | {f'`{default}`' if default else ''} | {said} |"


def _bounds(field: FieldInfo) -> Iterator[str]:
    choices = [one for one in getattr(field.annotation, "__args__", ()) if isinstance(one, str)]
    if choices:
        yield "One of " + ", ".join(f"`{one}`" for one in choices)
    least = next((one.ge for one in field.metadata if isinstance(one, Ge)), None)
    most = next((one.le for one in field.metadata if isinstance(one, Le)), None)
    if least is not None and most is not None:
        yield f"{least:,} to {most:,}"


def _value(default: Any) -> str:
    return "" if default in (None, ()) else str(default)


if __name__ == "__main__":
    sys.exit(main())
