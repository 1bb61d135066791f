"""Which keys a definition knows at a place, for telling the nearest one; not the checking of keys."""

from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag


def keys_at(model: type[BaseModel], loc: Iterable[int | str]) -> list[str]:
    """Return the keys that may stand where a location, as Pydantic reports it, leads to."""
    kind: Any = model
    for step in loc:
        kind = _inside(kind, step)
    kind = _model(kind)
    return [each.alias or name for name, each in kind.model_fields.items()] if kind else []


def _inside(kind: Any, step: int | str) -> Any:
    model = _model(kind)
    if model:
        for name, each in model.model_fields.items():
            if step in (name, each.alias):
                return each.annotation
        return model if _tagged(kind, step) is None else _tagged(kind, step)
    tagged = _tagged(kind, step)
    if tagged is not None:
        return tagged
    arguments = get_args(_optional(kind))
    return arguments[-1] if arguments else None


def _model(kind: Any) -> type[BaseModel] | None:
    kind = _optional(kind)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _tagged(kind: Any, step: int | str) -> Any:
    for variant in get_args(_optional(kind)):
        if any(isinstance(each, Tag) and each.tag == step for each in getattr(variant, "__metadata__", ())):
            return get_args(variant)[0]
    return None


def _optional(kind: Any) -> Any:
    """Take off Annotated, and the None of a union with one other type."""
    if get_origin(kind) is Annotated:
        return _optional(get_args(kind)[0])
    members = [each for each in get_args(kind) if each is not type(None)]
    is_union = get_origin(kind) is Union or type(kind).__name__ == "UnionType"
    return _optional(members[0]) if is_union and len(members) == 1 else kind
