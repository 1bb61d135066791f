"""Slows down whoever guesses passwords, so that the owner can still come in; not the checking of passwords.

Failures are counted by account and network together, by account, and by network. From a network in which the account
has logged in lately, only the first counts: what others do elsewhere cannot lock its owner out there.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reality_engine.kernel.errors import TooManyRequestsError
from reality_engine.rates.counts import Counts
from reality_engine.rates.rate import Rate

BY_BOTH: Final = Rate("attempts", 10, 900)
BY_ACCOUNT: Final = Rate("attempts-account", 30, 3_600)
BY_NETWORK: Final = Rate("attempts-network", 100, 900)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was let through and counted, until it is known to have been a success."""

    account: str
    network: str
    known: bool

    def counted(self) -> Iterator[tuple[Rate, str]]:
        """Yield the rates that it counts in, each with its key."""
        yield BY_BOTH, f"{self.account} {self.network}"
        if not self.known:
            yield BY_ACCOUNT, self.account
            yield BY_NETWORK, self.network


class Throttle:
    """Lets attempts through or not: counted before they are made, and given back where they succeed."""

    def __init__(self, counts: Counts) -> None:
        """Count with others' counts, which have names of their own."""
        self._counts = counts

    def begin(self, account: str, network: str, *, known: bool = False) -> Attempt:
        """Count an attempt to be somebody; raises TooManyRequestsError, alike whether the account exists or not.

        `account` is what is tried, such as a normal e-mail address, or a user's id with what is asked for; `known` says
        that it has logged in from this network lately.
        """
        # Neither memory nor Redis is a place for e-mail addresses.
        named = hashlib.blake2b(account.encode(errors="surrogatepass"), digest_size=16).hexdigest()
        attempt = Attempt(named, network, known)
        taken: list[tuple[Rate, str]] = []
        for rate, key in attempt.counted():
            found = self._counts.take(rate, key)
            if not found.allowed:
                self._give_back(taken)
                message = "there were too many attempts to prove who this is"
                hint = "wait, or log in from where this account logged in before"
                raise TooManyRequestsError(message, hint=hint, retry_after=found.wait)
            taken.append((rate, key))
        return attempt

    def succeeded(self, attempt: Attempt) -> None:
        """Forget an attempt that was none at guessing, and all failures before it in the same place."""
        self._give_back(attempt.counted())
        rate, key = next(attempt.counted())
        self._counts.give_back(rate, key, rate.quota)

    def _give_back(self, taken: Iterable[tuple[Rate, str]]) -> None:
        for rate, key in taken:
            self._counts.give_back(rate, key)
