"""Makes a counter-example small: leaves out steps and parts of them for as long as the leak stays; not its meaning."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from reality_engine.app.proving.replaying import Stage
from reality_engine.app.proving.steps import Act, Ask, Step
from reality_engine.app.proving.trial import Script

_PLAIN: Final = {"A": "one thing", "B": "another thing"}


@dataclass
class Shrinking:
    """One counter-example on its way to the smallest; `seconds` is how long that may take."""

    stage: Stage
    seed: str
    viewer: str
    seconds: float
    _end: float = 0.0

    async def smallest(self, script: Script) -> Script:
        """Return the smallest script that was found to leak in the same way."""
        self._end = time.monotonic() + self.seconds
        script = await self._fewer_steps(await self._no_other_asking(script))
        while True:
            before = script
            for simpler in _simpler(script):
                if await self._leaks(simpler):
                    script = simpler
                    break
            if script is before:
                return await self._fewer_steps(script)

    async def _leaks(self, script: Script) -> bool:
        return time.monotonic() < self._end and await self.stage.leaks(script, self.seed, self.viewer)

    async def _no_other_asking(self, script: Script) -> Script:
        *before, last = script.steps
        for kept in ((step for step in before if isinstance(step, Act)), (one for one in before if _matters(one))):
            fewer = replace(script, steps=[*kept, last])
            if await self._leaks(fewer):
                return fewer
        return script

    async def _fewer_steps(self, script: Script) -> Script:
        """Leave out runs of steps, long ones first (delta debugging, after Zeller and Hildebrandt)."""
        size = max(1, len(script.steps) // 2)
        while True:
            start, shorter = 0, False
            while start < len(script.steps) - 1:
                end = min(start + size, len(script.steps) - 1)
                fewer = replace(script, steps=[*script.steps[:start], *script.steps[end:]])
                if await self._leaks(fewer):
                    script, shorter = fewer, True
                else:
                    start = end
            if size == 1 and not shorter:
                return script
            size = max(1, size // 2)


def _matters(step: Step) -> bool:
    return isinstance(step, Act) or step.changes


def _simpler(script: Script) -> Iterator[Script]:
    """Yield scripts in which one thing is simpler."""
    for name, value in (("public", False), ("joining", "closed")):
        if script.settings.get(name) != value:
            yield replace(script, settings={**script.settings, name: value})
    for index, step in enumerate(script.steps):
        for simpler in _simpler_act(step) if isinstance(step, Act) else _simpler_ask(step):
            yield replace(script, steps=[*script.steps[:index], simpler, *script.steps[index + 1 :]])


def _simpler_act(act: Act) -> Iterator[Step]:
    if act.instead is not None:
        return
    for name, value in act.inputs.items():
        other = None if act.otherwise is None else act.otherwise.get(name)
        less = {key: held for key, held in act.inputs.items() if key != name}
        if act.otherwise is None:
            yield replace(act, inputs=less)
        if other == value or act.otherwise is None:
            for plain in _plainer(value, _PLAIN["A"]):
                rest = None if act.otherwise is None else {**act.otherwise, name: plain}
                yield replace(act, inputs={**act.inputs, name: plain}, otherwise=rest)
        elif isinstance(value, str) and (value, other) != (_PLAIN["A"], _PLAIN["B"]):
            named = {**act.inputs, name: _PLAIN["A"]}, {**act.otherwise, name: _PLAIN["B"]}
            yield replace(act, inputs=named[0], otherwise=named[1])


def _simpler_ask(ask: Ask) -> Iterator[Step]:
    if ask.follow:
        yield replace(ask, follow=False)
    for name in ask.query:
        yield replace(ask, query={key: value for key, value in ask.query.items() if key != name})
    for name in ask.headers:
        yield replace(ask, headers={key: value for key, value in ask.headers.items() if key != name})


def _plainer(value: Any, text: str) -> Iterator[Any]:
    if isinstance(value, str) and value != text and " " in value:
        yield text
