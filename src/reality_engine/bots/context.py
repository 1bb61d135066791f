"""What the routes of bots need beside the common context; the composition root makes it."""

from dataclasses import dataclass

from reality_engine.bots.quotas import Quotas
from reality_engine.bots.standing import KeyStandings


@dataclass(frozen=True, slots=True)
class BotContext:
    """Stands at `app.state.bots`."""

    quotas: Quotas
    standings: KeyStandings

    @classmethod
    def build(cls) -> "BotContext":
        """Make all of it."""
        quotas = Quotas()
        return cls(quotas, KeyStandings(quotas))

    def forget_bot(self, bot: str) -> None:
        """Ask the tables again about all keys of a bot."""
        self.standings.forget(lambda one, _: one.id == bot)

    def forget_key(self, key: str) -> None:
        """Ask the tables again about a key."""
        self.standings.forget(lambda _, one: one.id == key)

    def forget_owner(self, user: str) -> None:
        """Ask the tables again about all keys of all bots of somebody."""
        self.standings.forget(lambda one, _: one.owner == user)
