"""Takes out of a pack's values what does not fit, so that the rest can still be checked; it tells nothing."""

import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from reality_engine.kernel.json import Plain

# What stands in for a part that is taken out, so that others which name it are not blamed as well.
_STAND_IN: "Final[Mapping[str, Plain]]" = {
    "roles": {"admin": True},
    "actions": {"allow": "true"},
    "reactions": None,
    "schedules": None,
}
_REQUIRED: "Final[Mapping[str, Plain]]" = {"pack": "unnamed", "version": "0"}


def mended(data: "Mapping[str, Plain]", details: "Iterable[ErrorDetails]") -> Any:
    """Return a copy without what Pydantic found to be wrong."""
    whole: dict[str, Any] = copy.deepcopy(dict(data))
    for detail in details:
        _mend(whole, detail["loc"], unknown=detail["type"] == "extra_forbidden")
    return {**_REQUIRED, **whole}


def _mend(whole: dict[str, Any], loc: tuple[int | str, ...], *, unknown: bool) -> None:
    if unknown:
        _drop(whole, loc)
    elif len(loc) >= 4 and loc[2] in ("fields", "input"):  # noqa: PLR2004 - kinds, name, fields, name
        _replace(whole, loc[:4], {"type": "json"})
    elif len(loc) >= 2 and loc[0] in _STAND_IN:  # noqa: PLR2004 - section, name
        _replace(whole, loc[:2], _STAND_IN[str(loc[0])])
    elif len(loc) >= 3:  # noqa: PLR2004 - kinds, name, key
        _drop(whole, loc[:3])
    else:
        _drop(whole, loc[:1])


def _drop(whole: Any, loc: tuple[int | str, ...]) -> None:
    *way, last = loc
    for step in way:
        whole = _next(whole, step)
    if isinstance(whole, dict):
        whole.pop(last, None)


def _replace(whole: Any, loc: tuple[int | str, ...], value: "Plain") -> None:
    *way, last = loc
    for step in way:
        whole = _next(whole, step)
    if isinstance(whole, dict) and value is None:
        whole.pop(last, None)
    elif isinstance(whole, dict):
        whole[last] = value


def _next(value: Any, step: int | str) -> Any:
    """Go one step in; a step that is not there is the name of a variant, and stays where it is."""
    if isinstance(value, dict) and step in value:
        return value[step]
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else value
