"""The public keys as others read them; not the envelope, which who reads these does not know."""

from typing import Any

from pydantic import Field

from reality_engine.web.bodies import ResponseBody


class KeySetResponse(ResponseBody):
    """A JSON Web Key Set (RFC 7517, section 5)."""

    keys: list[dict[str, Any]] = Field(
        description="The public keys whose signatures are accepted; none where tokens are signed by HS256 alone",
        examples=[
            [{"kty": "OKP", "crv": "Ed25519", "x": "…", "kid": "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10", "alg": "EdDSA"}]
        ],
    )
