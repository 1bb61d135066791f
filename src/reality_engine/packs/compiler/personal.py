"""What follows for a kind from fields being personal, which means that they can be erased; not the erasing."""

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reality_engine.packs.audience import Audience, Seer
    from reality_engine.packs.compiled import Field
    from reality_engine.packs.compiler.ground import KindShape
    from reality_engine.packs.problems import Problems


def with_inherited(fields: "Mapping[str, Field]", computed: "Sequence[str]") -> "dict[str, Field]":
    """Return the fields, of which those computed from personal ones are personal too; `computed` is in order."""
    made = dict(fields)
    for name in computed:
        field = made[name]
        reads = {path[1] for path in field.computed.reads if len(path) > 1} if field.computed else set[str]()
        if any(made[each].personal for each in reads & made.keys()):
            made[name] = replace(field, personal=True)
    return made


def check_impersonal(
    audiences: "Iterable[Audience]", fields: "Mapping[str, Field]", shape: "KindShape", problems: "Problems"
) -> None:
    """Tell each personal field that an audience depends on: to erase it would change who sees something."""
    for name in sorted({name for audience in audiences for seer in audience for name in _read(seer)}):
        if name in fields and fields[name].personal:
            problems.add(
                (shape.spot / "fields" / name).key,
                "personal_audience",
                f"who sees a {shape.name} depends on '{name}', which is personal: to erase it would change that",
                "let the audience depend on a field of its own, or leave out personal",
            )


def _read(seer: "Seer") -> set[str]:
    when = {path[1] for path in seer.when.reads if len(path) > 1} if seer.when is not None else set[str]()
    return when | {*seer.path}
