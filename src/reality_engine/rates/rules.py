"""Which rate a request counts in, and as whose; not the counting."""

from dataclasses import dataclass, field
from functools import cached_property
from re import Pattern
from typing import Final

from starlette.types import Scope

from reality_engine.kernel.errors import RealityError
from reality_engine.kernel.principal import ANONYMOUS
from reality_engine.rates.networks import UNKNOWN, network_of
from reality_engine.rates.rate import Rate
from reality_engine.web.gate import PROBES
from reality_engine.web.who import who_of

_READS: Final = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class RateRules:
    """The rates of a server, by what is asked for and by whom.

    `sign_in` is for proving who one is, of a network, whoever asks; `costly` for what takes the server long. Patterns
    say which requests these are: each has to match all of a method, a space and a path.
    """

    anonymous: Rate
    reads: Rate
    writes: Rate
    costly: Rate
    sign_in: Rate
    costly_paths: Pattern[str]
    sign_in_paths: Pattern[str]
    free: frozenset[str] = field(default=PROBES)

    @cached_property
    def rates(self) -> tuple[Rate, ...]:
        """All of them."""
        return self.anonymous, self.reads, self.writes, self.costly, self.sign_in

    def of(self, scope: Scope) -> tuple[Rate, str]:
        """Return the rate of a request, and the key under which it is counted."""
        asked = f"{scope['method']} {scope['path']}"
        if self.sign_in_paths.fullmatch(asked):
            return self.sign_in, _network(scope)
        try:
            who = who_of(scope)
        except RealityError:
            # Whoever has no good credentials is counted as somebody without any.
            who = ANONYMOUS
        if not who.known:
            return self.anonymous, _network(scope)
        if self.costly_paths.fullmatch(asked):
            return self.costly, who.id
        return (self.reads if scope["method"] in _READS else self.writes), who.id


def _network(scope: Scope) -> str:
    client = scope.get("client")
    return network_of(client[0]) if client else UNKNOWN
