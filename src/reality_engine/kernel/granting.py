"""The one check of what a credential is good for, of all that its principal may do; not of what that is."""

from typing import Final

from reality_engine.kernel.errors import DeniedError, NotFoundError
from reality_engine.kernel.principal import Principal

_NO_WORLD: Final = "there is no such world"
_HINT: Final = "GET /api/v1/bots/me says what it is good for"


class InsufficientScopeError(DeniedError):
    """The principal comes with a credential that is not good for this, whatever they may do with another one."""

    code = "insufficient_scope"


def require_granted(principal: Principal, action: str, world: str, *, can_wait: bool = True) -> None:
    """Raise where a credential is not good for an action in a world; `can_wait` says whether it could be proposed.

    That is NotFoundError in a world that it does not cover, and InsufficientScopeError in others.
    """
    grant = principal.grant
    if grant is None:
        return
    if not grant.covers(world):
        raise NotFoundError(_NO_WORLD)
    if grant.proposals_only and not can_wait:
        raise InsufficientScopeError(f"this key is for proposals, and '{action}' cannot be one", hint=_HINT)
    if grant.reads_only:
        raise InsufficientScopeError("this key is for reading alone", hint=_HINT)
    if not grant.allows(action):
        raise InsufficientScopeError(f"this key is not for '{action}'", hint=_HINT)
