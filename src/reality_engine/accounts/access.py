"""Who may call a route at all: declared on the route, enforced by that declaration, and told in OpenAPI.

It is not what a route then finds that somebody may not do. An app does not start with a route that declares nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.rights import Right
from reality_engine.kernel.errors import DeniedError
from reality_engine.kernel.principal import PrincipalKind

# The key of an operation in the OpenAPI document.
TOLD: Final = "x-access"


@dataclass(frozen=True, slots=True)
class Access:
    """A declaration, by the word that OpenAPI has for it."""

    word: str


@dataclass(frozen=True, slots=True)
class _Anybody(Access):
    async def __call__(self) -> None:
        """Let in whoever comes."""


@dataclass(frozen=True, slots=True)
class _Known(Access):
    async def __call__(self, principal: CurrentPrincipal) -> None:
        """Let in people and bots who proved who they are."""


@dataclass(frozen=True, slots=True)
class _Person(Access):
    async def __call__(self, principal: CurrentPrincipal) -> None:
        """Let in people alone."""
        if principal.kind is not PrincipalKind.PERSON or principal.grant is not None:
            message = "this is for people themselves, and not for bots, nor for applications that act for somebody"
            raise DeniedError(message, hint="log in as yourself")


@dataclass(frozen=True, slots=True)
class _Holder(Access):
    right: Right

    async def __call__(self, principal: CurrentPrincipal, accounts: AccountsDep) -> None:
        """Let in who has the right."""
        accounts.rights.require(principal, self.right)


# What a router or a route passes among its `dependencies`.
# Anybody, with or without an account.
PUBLIC: Final = Depends(_Anybody("public"))
# Whoever proved who they are, a person or a bot.
KNOWN: Final = Depends(_Known("known"))
# A person with an account, and no bot.
PERSON: Final = Depends(_Person("person"))
# The rules of the world in the path decide: who is not in its scope does not find it.
WORLD: Final = Depends(_Anybody("world"))


def holders_of(right: Right) -> Any:
    """Declare that a route is for people who have a right."""
    return Depends(_Holder(f"right:{right}", right))


class UndeclaredAccessError(Exception):
    """A route does not say who may call it, or contradicts itself: a mistake in the code, found before it serves."""


def declared(routes: Sequence[BaseRoute]) -> dict[tuple[str, str], Access]:
    """Return the access of each route, by method and path; raises UndeclaredAccessError."""
    return {
        (method, str(context.path_format)): _declared(context.dependant, f"{method} {context.path_format}")
        for context in iter_route_contexts(routes)
        for method in context.methods or ()
    }


def tell(document: Mapping[str, Any], accesses: Mapping[tuple[str, str], Access]) -> None:
    """Write each operation's access into an OpenAPI document."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation[TOLD] = accesses[method.upper(), path].word


def _declared(dependant: Dependant, name: str) -> Access:
    found = list(_among(dependant))
    if not found:
        message = f"{name} does not declare its access: give the route or its router one of accounts.access"
        raise UndeclaredAccessError(message)
    own = found[-1]  # a router's come before those of its routes
    if len(found) > 1 and any(isinstance(one, _Anybody) for one in found):
        message = f"{name} declares {' and '.join(one.word for one in found)}, which contradict each other"
        raise UndeclaredAccessError(message)
    if (own.word == "world") is not ("{world}" in name):
        raise UndeclaredAccessError(f"{name} declares {own.word}: it is for paths with {{world}}, and they for it")
    return own


def _among(dependant: Dependant) -> Iterator[Access]:
    for each in dependant.dependencies:
        call: object = each.call
        if isinstance(call, Access):
            yield call
