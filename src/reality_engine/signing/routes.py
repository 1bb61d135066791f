"""The public keys over HTTP, where everybody looks for them."""

from fastapi import APIRouter, Response

from reality_engine.signing.dependencies import SigningDep
from reality_engine.signing.schemas import KeySetResponse
from reality_engine.web.dependencies import ClockDep

router = APIRouter(tags=["auth"])


@router.get("/.well-known/jwks.json")
async def public_keys(signing: SigningDep, clock: ClockDep, response: Response) -> KeySetResponse:
    """Show the public keys by which others check the tokens of this server (RFC 7517).

    Whoever keeps them looks again when a token names a key that is not among them.
    """
    # Short, so that a key that was retired is not believed for long by who asks a cache in between.
    response.headers["Cache-Control"] = "public, max-age=60"
    return KeySetResponse(keys=list(await signing.public_keys(clock.now())))
