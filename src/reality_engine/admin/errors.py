"""What is refused to those who manage accounts."""

from reality_engine.kernel.errors import ConflictError


class LastAdminError(ConflictError):
    """Somebody must manage the server."""

    code = "last_admin"
