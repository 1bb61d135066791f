"""Which texts of an entity or an event are searched, facet by facet; pure, so that it can be worked out again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Facet, FieldType, Kind
from reality_engine.state.entity import Entity
from reality_engine.visibility.words import kept_words

_TEXTS: Final = frozenset({"text", "enum"})
_ID_LETTERS: Final = 36
# What texts may stand in.
_SPEAKING: Final = (str, list, dict)


def entity_words(kind: Kind, entity: Entity | None) -> dict[int, str]:
    """Return the words of each facet of a live entity that has any, as they are kept."""
    held = {facet.index: facet_words(kind, facet, entity) for facet in kind.facets}
    return {number: words for number, words in held.items() if words}


def facet_words(kind: Kind, facet: Facet, entity: Entity | None) -> str:
    """Return the words of one facet; none where the entity is not there, or deleted."""
    if entity is None or not entity.live:
        return ""
    return kept_words(
        text
        for name in kind.worded[facet.index]
        if (value := entity.fields.get(name)) is not None
        for text in _typed(value, kind.fields[name].value)
    )


def event_words(content: Mapping[str, Plain]) -> str:
    """Return the words of a part of an event: its narrative, its data, and the values of fields that it changed.

    The log does not say of what type these are. Ids are left out, and what stands for an entity as a whole.
    """
    texts = _event_texts(content)
    return kept_words(texts) if texts else ""


def _event_texts(content: Mapping[str, Plain]) -> list[str]:
    head, changes = content.get("head"), content.get("changes")
    texts: list[str] = []
    if isinstance(head, dict):
        texts += _texts([head.get("narrative"), head.get("data")])
    for change in changes if isinstance(changes, list) else ():
        if isinstance(change, dict):
            before, after = change.get("before"), change.get("after")
            spoken = isinstance(before, _SPEAKING) or isinstance(after, _SPEAKING)
            if spoken and not str(change["field"]).startswith("@"):
                texts += _texts((before, after))
    return texts


def _typed(value: Plain, kind: FieldType) -> Iterator[str]:
    """Yield the texts in a value: not refs, nor moments and durations, which are text only in JSON."""
    if kind.base in _TEXTS and isinstance(value, str):
        yield value
    elif kind.base == "json":
        yield from _texts([value])
    elif isinstance(value, list) and kind.of is not None:
        for part in value:
            yield from _typed(part, kind.of)
    elif isinstance(value, dict):
        yield from _in_object(value, kind)


def _in_object(value: Mapping[str, Plain], kind: FieldType) -> Iterator[str]:
    """Yield the texts of a map, its keys too, in the order of these, or of a record."""
    if kind.of is not None:
        for key in sorted(value):
            yield key
            yield from _typed(value[key], kind.of)
    for name, part in kind.fields:
        if name in value:
            yield from _typed(value[name], part)


def _texts(values: Iterable[Plain]) -> Iterator[str]:
    """Yield all texts but ids, in an order that does not depend on how the database keeps objects."""
    for value in values:
        if isinstance(value, str):
            if len(value) != _ID_LETTERS or not is_id(value):
                yield value
        elif isinstance(value, list):
            yield from _texts(value)
        elif isinstance(value, dict):
            yield from _texts(value[key] for key in sorted(value))
