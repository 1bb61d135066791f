"""Which application asks, proved by its secret where it has one; not what it asks for."""

from reality_engine.accounts.errors import BadClientError
from reality_engine.accounts.granting import ClientProof
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.ids import is_id
from reality_engine.openid import repository
from reality_engine.openid.client import Client


async def proved(unit: ReadUnit, proof: ClientProof | None) -> Client:
    """Return the application (RFC 6749, section 2.3); raises BadClientError, the same for every reason."""
    client = await repository.find_client(unit, proof.id) if proof is not None and is_id(proof.id) else None
    secret = None if proof is None else proof.secret
    # One that has no secret proves nothing; one that sends a secret although it has none is set up wrongly.
    if client is None or (secret if client.public else not client.is_proved_by(secret or "")):
        message = "the application is not known, or its secret is wrong"
        raise BadClientError(message, hint="send client_id and client_secret, as a form or by HTTP Basic")
    return client


class OpenIdClients:
    """Sees to it that nobody but an application goes on with its sessions, or ends them by their tokens."""

    async def require(self, unit: ReadUnit, session: str, client: ClientProof | None) -> None:
        """Raise BadClientError where the session is an application's, and not of the one that has proved itself."""
        found = await repository.find_session(unit, session)
        if found is not None and (await proved(unit, client)).id != found[0]:
            raise BadClientError("the token belongs to another application")
