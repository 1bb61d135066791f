"""Fits a source's values into the definitions and tells what does not fit; not whether names and types agree."""

import re
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from reality_engine.packs.conform import described
from reality_engine.packs.definitions.base import Definition
from reality_engine.packs.definitions.effects import EFFECTS
from reality_engine.packs.definitions.keys import keys_at
from reality_engine.packs.definitions.pack import PackDefinition
from reality_engine.packs.mending import mended
from reality_engine.packs.problems import Problems, nearest
from reality_engine.packs.source import Source, Spot

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_WANTED: Final = {
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "bool_type": "true or false",
    "int_type": "an integer",
    "float_type": "a number",
    "finite_number": "a finite number",
}


def read_definition(source: Source, problems: Problems) -> PackDefinition | None:
    """Return the pack's definition; parts that do not fit are told and left out, so that the rest can be checked.

    None where nothing can be made of it.
    """
    if not isinstance(source.data, dict):
        if not problems.found:
            said = "the file is empty" if source.data is None else f"it is {described(source.data)}"
            problems.add(source.place(0), "not_a_pack", f"a pack is a mapping, but {said}", "begin with: pack: my_pack")
        return None
    try:
        return PackDefinition.model_validate(source.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    for detail in details:
        tell_misfit(PackDefinition, Spot(source), detail, problems)
    try:
        return PackDefinition.model_validate(mended(source, details))
    except ValidationError:
        return None


def tell_misfit(model: type[Definition], root: Spot, detail: "ErrorDetails", problems: Problems) -> None:
    """Tell what Pydantic found to be wrong with values that should be a `model`, at its place in the source."""
    spot = _followed(root, detail["loc"])
    name = str(detail["loc"][-1]) if detail["loc"] else "it"
    sort = detail["type"]
    if sort == "missing":
        problems.add(spot.key, "missing_key", f"'{name}' is missing{_here(spot)}")
    elif sort == "extra_forbidden":
        valid = keys_at(model, detail["loc"][:-1])
        problems.add(spot.key, "unknown_key", f"unknown key '{name}'", nearest(name, valid))
    elif sort == "union_tag_not_found":
        _tell_effect(spot, problems)
    elif sort == "literal_error":
        valid = re.findall(r"'([^']*)'", detail.get("ctx", {}).get("expected", ""))
        given = detail["input"]
        problems.add(spot.place, "bad_value", f"'{_last(spot)}' cannot be {given!r}", nearest(str(given), valid))
    else:
        problems.add(spot.place, *_unfit(_last(spot), detail))


def _unfit(name: str, detail: "ErrorDetails") -> tuple[str, str, str | None]:
    wanted = _WANTED.get(detail["type"])
    if wanted is None:
        return "bad_value", f"'{name}' {detail['msg'].split(' ', 1)[-1]}", None
    value = detail["input"]
    hint = None
    if wanted == "text" and isinstance(value, bool | int | float):
        hint = f'put it in quotes: "{str(value).lower() if isinstance(value, bool) else value}"'
    if wanted == "a list" and isinstance(value, str):
        hint = f"write [{value}]"
    return "bad_type", f"'{name}' must be {wanted}, not {described(value)}", hint


def _tell_effect(spot: Spot, problems: Problems) -> None:
    value = spot.data
    if not isinstance(value, dict):
        problems.add(
            spot.place, "bad_type", f"an effect must be a mapping, not {described(value)}", "such as: delete: target"
        )
        return
    named = [key for key in value if key in EFFECTS]
    if named:
        hint = "write each as an entry of its own"
        problems.add((spot / named[1]).key, "bad_effect", f"one entry has several effects: {', '.join(named)}", hint)
        return
    first = next(iter(value), "")
    problems.add((spot / first).key, "bad_effect", f"there is no effect '{first}'", nearest(first, EFFECTS))


def _followed(root: Spot, loc: tuple[int | str, ...]) -> Spot:
    """Follow Pydantic's location; the names of variants in it, which the source does not have, are passed over."""
    spot = root
    for step in loc:
        data = spot.data
        known = isinstance(data, dict) and step in data
        if known or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            spot /= step
    return spot


def _here(spot: Spot) -> str:
    return f" in '{spot.steps[-1]}'" if spot.steps and isinstance(spot.steps[-1], str) else ""


def _last(spot: Spot) -> str:
    names = [step for step in spot.steps if isinstance(step, str)]
    return names[-1] if names else "the pack"
