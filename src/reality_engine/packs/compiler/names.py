"""Which names authors may give; not what is named."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reality_engine.packs.definitions.pack import PackDefinition
    from reality_engine.packs.place import Place
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot

MAX_NAME: Final = 60
# Reserved by CEL itself.
WORDS: Final = frozenset({
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
    "let", "loop", "package", "namespace", "return", "var", "void", "while", "is_set", "referring", "find",
})  # fmt: skip
# What expressions call by these names, so nothing else may be.
VARIABLES: Final = frozenset({"me", "world", "actor", "target", "input", "rolls", "now", "self", "event", "entity"})
FIELDS: Final = frozenset({"id", "owner"})
AUDIENCE_WORDS: Final = frozenset({"everyone", "members", "nobody", "owner", "group", "actor", "me"})
# Where an action of this name would be asked for, many are asked for at once.
ACTION_WORDS: Final = frozenset({"batch"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+){0,3}(-[0-9a-z.]+)?\Z")
_DOTTED: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")


def check_name(place: "Place", name: str, what: str, problems: "Problems", reserved: "Iterable[str]" = ()) -> bool:
    """Tell if a name has the wrong form or is taken by the language; say whether it may be used."""
    if not is_name(name):
        rule = f"names have small letters, digits and underscores, at most {MAX_NAME}"
        problems.add(place, "bad_name", f"'{name}' cannot be the name of {what}: {rule}", _better(name))
        return False
    if name in WORDS or name in reserved:
        problems.add(place, "reserved_name", f"'{name}' cannot be the name of {what}: it has a meaning of its own")
        return False
    return True


def is_name(name: str) -> bool:
    """Say whether a name has the form that authors' names have."""
    return bool(_NAME.match(name)) and len(name) <= MAX_NAME


def is_version(text: str) -> bool:
    """Say whether a text has the form of a version."""
    return bool(_VERSION.match(text))


def is_event_type(name: str) -> bool:
    """Say whether a name is a plain or dotted identifier."""
    return bool(_DOTTED.match(name)) and len(name) <= 2 * MAX_NAME


def _better(name: str) -> str | None:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    better = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_").lstrip("0123456789_")[:MAX_NAME]
    return f"write it like '{better}'" if _NAME.match(better) else None


def check_heading(definition: "PackDefinition", spot: "Spot", problems: "Problems") -> None:
    """Tell if the pack's own name or version has the wrong form."""
    check_name((spot / "pack").place, definition.pack, "a pack", problems)
    if not is_version(definition.version):
        message = f"'{definition.version}' cannot be a version"
        problems.add((spot / "version").place, "bad_version", message, "write it like 1.0.0")
