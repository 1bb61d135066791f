"""All leaks of the catalogue, theme by theme; what imports this has them all."""

from tests.properties.leaks import (
    answers,
    entities,
    envelopes,
    explanations,
    feed,
    history,
    lists,
    members,
    refusals,
    tokens,
    uniqueness,
)
from tests.properties.leaks.catalogue import LEAKS

THEMES = (lists, entities, feed, envelopes, answers, refusals, explanations, history, members, tokens, uniqueness)

__all__ = ["LEAKS", "THEMES"]
