"""Holds wishes to what the credential of their principal is good for, before anything else is asked of them."""

from reality_engine.actions.errors import AbandonedError
from reality_engine.actions.wish import Together, Wish
from reality_engine.kernel.granting import InsufficientScopeError, require_granted


def require_all_granted(world: str, asked: Wish | Together) -> None:
    """Raise NotFoundError where the credential is good for nothing in a world, and else InsufficientScopeError.

    Of wishes that belong together, AbandonedError tells which one it is not good for.
    """
    if asked.principal.grant is None:
        return
    for index, wish in enumerate(asked.wishes):
        try:
            require_granted(wish.principal, wish.request.action, world)
        except InsufficientScopeError as error:
            if isinstance(asked, Together):
                raise AbandonedError(index, error) from error
            raise
