"""What is told of an invite that lets nobody in."""

from reality_engine.kernel.errors import NotFoundError


class InviteOverError(NotFoundError):
    """What was sent is no invite of this server, or it was used up or taken back; never said which."""

    code = "invite_over"
