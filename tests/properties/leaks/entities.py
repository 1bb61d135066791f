"""Leaks by single things: their fields, when they changed, and their tags."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, true

from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import DeniedError, NotFoundError
from reality_engine.reads import shown
from reality_engine.state.models import FacetRow
from reality_engine.visibility import entities, statements
from tests.properties.leaks.catalogue import Aim, leak, seeing_all, was


@leak("field")
def hidden_fields_are_read(patch: pytest.MonkeyPatch) -> None:
    parts = was(statements, "_parts")
    patch.setattr(statements, "_parts", lambda dialect, form: parts(dialect, replace(form, everything=True)))
    patch.setattr(entities, "held_by", lambda *_: true())


@leak("revision")
def hidden_changes_move_updated_at(patch: pytest.MonkeyPatch) -> None:
    views = was(entities, "views")

    async def moved(unit: Any, viewer: Any, keys: Sequence[str]) -> Any:
        found = await views(unit, viewer, keys)
        for view in found:
            query = select(func.max(FacetRow.changed_at)).where(
                FacetRow.world == viewer.world, FacetRow.entity == view.id
            )
            view.updated_at = to_text(await unit.session.scalar(query))
        return found

    patch.setattr(entities, "views", moved)


@leak("ETag", Aim("/entities/{entity}", reads=20, twice=30), pack="pawns", often=True)
def an_entity_tag_covers_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    views, tag = was(entities, "views"), was(shown, "etag_of")

    async def whole(unit: Any, viewer: Any, keys: Sequence[str]) -> Any:
        everything = await views(unit, seeing_all(viewer), keys)
        found = await views(unit, viewer, keys)
        for view in found:
            view.whole = next(one for one in everything if one.id == view.id)
        return found

    patch.setattr(entities, "views", whole)
    patch.setattr(shown, "etag_of", lambda view, key, viewer: tag(getattr(view, "whole", view), key, viewer))


@leak("error text", Aim("/entities/{entity}"))
def a_hidden_entity_is_denied_and_not_missing(patch: pytest.MonkeyPatch) -> None:
    get = was(entities, "get_entity")

    async def told(unit: Any, viewer: Any, key: str) -> Any:
        try:
            return await get(unit, viewer, key)
        except NotFoundError:
            if await entities.visible_ids(unit, seeing_all(viewer), {key}):
                raise DeniedError("this is not for you") from None
            raise

    patch.setattr(entities, "get_entity", told)
