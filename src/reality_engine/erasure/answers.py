"""Takes what is erased out of an answer that was kept for a key, as whoever asked again would be shown it; pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from reality_engine.erasure.placeholder import ERASED
from reality_engine.erasure.speech import Values
from reality_engine.eventlog.event import Event
from reality_engine.expressions.template import render


def ids_in(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the events that an answer shows."""
    yield from (str(event.get("id")) for event in answer["events"])
    for part in answer.get("parts", ()):
        yield from ids_in(part)


def told_anew(answer: Mapping[str, Any], events: Mapping[str, Event], values: Values) -> dict[str, Any]:
    """Return an answer with its events as they are told now, and refusals without the values."""
    told = {**answer, "events": [_event(shown, events.get(str(shown.get("id")))) for shown in answer["events"]]}
    if told.get("message"):
        told["message"] = values.replaced(told["message"], ERASED)
    told["problems"] = [
        {name: values.replaced(text, ERASED) if isinstance(text, str) else text for name, text in problem.items()}
        for problem in answer["problems"]
    ]
    if "parts" in answer:
        told["parts"] = [told_anew(part, events, values) for part in answer["parts"]]
    return told


def _event(shown: dict[str, Any], event: Event | None) -> dict[str, Any]:
    """Return what is shown of an event, which has no more in it than before."""
    if event is None:
        return shown
    now: dict[str, Any] = {"input": dict(event.input), "data": dict(event.data)}
    if event.pattern is not None:
        now["narrative"] = render(event.pattern, event.arguments)
    told = {name: now.get(name, held) for name, held in shown.items()}
    if "changes" in shown:
        changes = {(one.change.entity, one.change.field): one.change for one in event.changes}
        told["changes"] = [_change(change, changes) for change in shown["changes"]]
    return told


def _change(shown: dict[str, Any], changes: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    change = changes.get((str(shown.get("entity")), str(shown.get("field"))))
    if change is None:
        return shown
    now = {"before": change.before, "after": change.after}
    return {name: now.get(name, held) for name, held in shown.items()}
