"""Plays a script anew, in two fresh worlds, as often as is needed to be sure of what it shows; makes no script."""

from collections.abc import Mapping
from dataclasses import dataclass

from reality_engine.app.proving.finding import Finding
from reality_engine.app.proving.house import House
from reality_engine.app.proving.people import Person
from reality_engine.app.proving.trial import Script, Trial
from reality_engine.app.proving.twins import Twins
from reality_engine.packs.compiled import CompiledPack


@dataclass
class Stage:
    """Where the scripts of one pack are played."""

    house: House
    pack: CompiledPack
    people: Mapping[str, Person]
    plays: int = 0

    def trial(self) -> Trial:
        """Return two worlds that are still to be made."""
        return Trial(Twins(self.house, self.pack, dict(self.people)))

    async def play(
        self, script: Script, seed: str, salt: int = 0, only: str | None = None
    ) -> tuple[Finding | None, Trial]:
        """Play a script; returns the first leak, to anybody or to one viewer, and the worlds as it left them."""
        self.plays += 1
        self.house.begin(seed, salt)
        trial = self.trial()
        trial.only = only
        await trial.twins.found(dict(script.settings))
        return await trial.play(script.steps), trial

    async def leaks(self, script: Script, seed: str, only: str) -> bool:
        """Say whether the last step of a script is a leak to a viewer, and none before it."""
        found, _ = await self.play(script, seed, only=only)
        return found is not None and found.key == script.steps[-1].key

    async def confirmed(self, script: Script, seed: str) -> bool:
        """Say whether a leak is there again, with other ids."""
        found, _ = await self.play(script, seed, salt=1)
        return found is not None
