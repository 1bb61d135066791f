"""Takes out of a pack's values what does not fit, so that the rest can still be checked; it tells nothing."""

import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from reality_engine.kernel.json import Plain
    from reality_engine.packs.source import Source, Steps

# What stands in for a part that is taken out, so that others which name it are not blamed as well.
_STAND_IN: "Final[Mapping[str, Plain]]" = {
    "roles": {"admin": True},
    "actions": {"allow": "true"},
    "reactions": None,
    "schedules": None,
}
_REQUIRED: "Final[Mapping[str, Plain]]" = {"pack": "unnamed", "version": "0"}


def mended(source: "Source", details: "Iterable[ErrorDetails]") -> Any:
    """Return a copy without what Pydantic found to be wrong, and note in `source` what became doubtful by that."""
    whole: dict[str, Any] = copy.deepcopy(dict(source.data)) if isinstance(source.data, dict) else {}
    for detail in details:
        doubtful = _mend(whole, detail["loc"], unknown=detail["type"] == "extra_forbidden")
        source.doubtful.add(doubtful)
    return {**_REQUIRED, **whole}


def _mend(whole: dict[str, Any], loc: "Steps", *, unknown: bool) -> "Steps":
    if not loc:
        return loc
    if unknown:
        _drop(whole, loc)
        return loc
    if len(loc) >= 4 and loc[2] in ("fields", "input"):
        _replace(whole, loc[:4], {"type": "json"})
        return loc[:4]
    if len(loc) >= 2 and loc[0] in _STAND_IN:
        _replace(whole, loc[:2], _STAND_IN[str(loc[0])])
        return loc[:2]
    if len(loc) >= 3 and loc[2] == "visible_to":
        _replace(whole, loc[:3], ["everyone"])
        return loc[:3]
    short = loc[:3] if len(loc) >= 3 else loc[:1]
    _drop(whole, short)
    return short


def _drop(whole: Any, loc: "Steps") -> None:
    *way, last = loc
    for step in way:
        whole = _next(whole, step)
    if isinstance(whole, dict):
        whole.pop(last, None)


def _replace(whole: Any, loc: "Steps", value: "Plain") -> None:
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
