"""Signed words on where a world's log stood, for others to keep: made, read and held to a log; not whose key it is.

A checkpoint is one object of JSON on one line. Its signature is Ed25519 (RFC 8032) over the canonical form (RFC 8785)
of the object without the signature, so that any library for it can tell, without this product and without the server.
"""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reality_engine.eventlog.reading import Place
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.errors import IntegrityError, InvalidError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import MAX_INTEGER, Plain, canonical, decode

FORMAT: Final = "reality-checkpoint/1"
# More than a hundred thousand worlds have.
MAX_BYTES: Final = 64 * 1024 * 1024
_MAX_LINE: Final = 4_096
_NAMES: Final = frozenset(
    {"format", "world", "position", "digest", "recorded_at", "signed_at", "product", "public_key", "signature"}
)
_KEY_BYTES: Final = 32
_DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That the log of a world had this digest after the event at this position, which was recorded then."""

    world: str
    position: int
    digest: bytes
    recorded_at: datetime
    signed_at: datetime
    product: str

    @property
    def place(self) -> Place:
        """Where the log stood."""
        return Place(self.position, self.digest)


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as it stands in checkpoints: its 32 bytes in base 64."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


def checked_key(text: str) -> str:
    """Return a public key as it stands in checkpoints; raises InvalidError where the text is none."""
    raw = _bytes(text.strip())
    if raw is None or len(raw) != _KEY_BYTES:
        hint = "reality verify --public-key prints one"
        raise InvalidError("a public key is 32 bytes in base 64", field="signed_by", hint=hint)
    return b64encode(raw).decode()


def signed(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return the line that says it, signed."""
    tree: dict[str, Plain] = {
        "format": FORMAT, "world": checkpoint.world, "position": checkpoint.position,
        "digest": checkpoint.digest.hex(), "recorded_at": to_text(checkpoint.recorded_at),
        "signed_at": to_text(checkpoint.signed_at), "product": checkpoint.product, "public_key": public_key_of(key),
    }  # fmt: skip
    signature = b64encode(key.sign(canonical(tree))).decode()
    return canonical({**tree, "signature": signature}).decode()


def read(text: bytes, public_key: str) -> list[Checkpoint]:
    """Return the checkpoints that lines say, all signed by this key; raises InvalidError for the first that is not."""
    if len(text) > MAX_BYTES:
        raise InvalidError(f"a file of checkpoints has at most {MAX_BYTES} bytes")
    lines = [(number, line.strip()) for number, line in enumerate(text.split(b"\n"), 1)]
    found = [_read(line, number, public_key) for number, line in lines if line]
    if not found:
        raise InvalidError("there is no checkpoint in it", hint="reality verify --sign -o FILE writes them")
    return found


def check(checkpoint: Checkpoint, end: int, event: tuple[bytes, datetime] | None) -> None:
    """Raise IntegrityError unless a log is the one of a checkpoint, or goes on from it.

    `end` is the position of its last event; `event` the digest and the moment of the one that the checkpoint is of,
    which must have been found to be of one chain with the others.
    """
    at = checkpoint.position
    if end < at or event is None:
        raise IntegrityError(
            f"the log ends at event {end}, and was signed up to event {at} on {to_text(checkpoint.signed_at)[:10]}: "
            "its end was cut off"
        )
    if event[0] != checkpoint.digest:
        raise IntegrityError(
            f"event {at} has another digest than when it was signed: it, or one before it, was replaced, and the chain "
            "recomputed"
        )
    if event[1] != checkpoint.recorded_at:
        raise IntegrityError(f"event {at} was recorded at another moment than when it was signed")


def _read(line: bytes, number: int, public_key: str) -> Checkpoint:
    tree = _tree(line, number)
    if tree["public_key"] != public_key:
        raise InvalidError(
            f"line {number}: signed with another key, {tree['public_key']}",
            hint="if you trust that key, name it with --signed-by; a server's own changes with its secret",
        )
    signature = _bytes(tree.pop("signature"))
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(public_key)).verify(signature or b"", canonical(tree))
    except InvalidSignature as error:
        raise InvalidError(
            f"line {number}: the signature does not fit: the checkpoint was altered, or never signed"
        ) from error
    try:
        return Checkpoint(
            tree["world"], tree["position"], bytes.fromhex(tree["digest"]), from_text(tree["recorded_at"]),
            from_text(tree["signed_at"]), tree["product"],
        )  # fmt: skip
    except ValueError as error:
        raise _no_checkpoint(number, str(error)) from error


def _tree(line: bytes, number: int) -> dict[str, Any]:
    """Return what a line says, of the right form; raises InvalidError."""
    if len(line) > _MAX_LINE:
        raise _no_checkpoint(number, f"longer than {_MAX_LINE} bytes")
    try:
        tree = decode(line)
    except ValueError as error:
        raise _no_checkpoint(number, "not JSON") from error
    if not isinstance(tree, dict):
        raise _no_checkpoint(number, "not an object")
    given = tree.get("format")
    if isinstance(given, str) and given != FORMAT and given.startswith(FORMAT.partition("/")[0]):
        raise InvalidError(f"line {number}: of the form {given}, which this version does not know; it knows {FORMAT}")
    if problem := _problem(tree):
        raise _no_checkpoint(number, problem)
    return tree


def _problem(tree: dict[str, Any]) -> str:
    """Say what keeps an object from being a checkpoint; empty where nothing does."""
    if tree.get("format") != FORMAT:
        return f"`format` is not {FORMAT}"
    if different := sorted(_NAMES ^ tree.keys()):
        return f"`{different[0]}` is {'missing' if different[0] in _NAMES else 'unknown'}"
    if numbers := [name for name in sorted(_NAMES - {"position"}) if not isinstance(tree[name], str)]:
        return f"`{numbers[0]}` is no text"
    position = tree["position"]
    fits = {
        "position": type(position) is int and 0 < position <= MAX_INTEGER,
        "world": is_id(tree["world"]),
        "digest": len(tree["digest"]) == 2 * _DIGEST_BYTES,
    }
    return next((f"`{name}` is none" for name, right in fits.items() if not right), "")


def _no_checkpoint(number: int, why: str) -> InvalidError:
    return InvalidError(f"line {number}: not a checkpoint: {why}", hint="reality verify --sign -o FILE writes them")


def _bytes(text: str) -> bytes | None:
    try:
        return b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
