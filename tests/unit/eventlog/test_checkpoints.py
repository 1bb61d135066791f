import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reality_engine.eventlog import checkpoints
from reality_engine.eventlog.checkpoints import Checkpoint
from reality_engine.kernel.errors import IntegrityError, InvalidError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = checkpoints.public_key_of(KEY)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WORLD = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
SAID = Checkpoint(WORLD, 7, bytes(range(32)), NOON, NOON, "0.1.0")
LINE = checkpoints.signed(SAID, KEY).encode()


def altered(**values: object) -> bytes:
    return json.dumps({**json.loads(LINE), **values}).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in json.loads(LINE).items() if key != name}).encode()


def test_what_was_signed_is_read() -> None:
    other = Checkpoint(WORLD, 8, bytes(32), NOON, NOON, "1")
    text = LINE + b"\n\n" + checkpoints.signed(other, KEY).encode() + b"\r\n"
    assert checkpoints.read(text, PUBLIC) == [SAID, other]


def test_anybody_can_check_a_signature_with_a_library_for_ed25519() -> None:
    tree = json.loads(LINE)
    signature = b64decode(tree.pop("signature"))
    message = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    Ed25519PublicKey.from_public_bytes(b64decode(tree["public_key"])).verify(signature, message)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "there is no checkpoint"),
        (b"\n \n", "there is no checkpoint"),
        (b"{", "line 1: not a checkpoint: not JSON"),
        (b"\xff\xfe", "line 1: not a checkpoint: not JSON"),
        (b"[]", "not an object"),
        (b"{}", "`format` is not"),
        (LINE + b"\n{", "line 2"),
        (b"[" * 5000, "longer than"),
        (altered(format="reality-checkpoint/2"), "of the form reality-checkpoint/2, which this version does not know"),
        (altered(position=8), "the signature does not fit"),
        (altered(digest="00" * 32), "the signature does not fit"),
        (altered(signature="nonsense"), "the signature does not fit"),
        (altered(signature=b64encode(bytes(64)).decode()), "the signature does not fit"),
        (altered(signed_at="2027-01-01T00:00:00Z"), "the signature does not fit"),
        (altered(position=2**63), "`position` is none"),
        (altered(position=True), "`position` is none"),
        (altered(position=0), "`position` is none"),
        (altered(world="nonsense"), "`world` is none"),
        (altered(world=None), "`world` is no text"),
        (altered(digest="00"), "`digest` is none"),
        (altered(more="x"), "`more` is unknown"),
        (without("product"), "`product` is missing"),
        (checkpoints.signed(SAID, OTHER).encode(), "signed with another key"),
        (altered(public_key=checkpoints.public_key_of(OTHER)), "signed with another key"),
        (b" " * (checkpoints.MAX_BYTES + 1), "at most"),
    ],
)
def test_what_is_no_checkpoint_of_this_key_is_refused(text: bytes, told: str) -> None:
    with pytest.raises(InvalidError) as refused:
        checkpoints.read(text, PUBLIC)
    assert told in refused.value.message


def test_what_is_signed_but_says_nothing_is_refused() -> None:
    tree = {**json.loads(LINE), "recorded_at": "yesterday"}
    del tree["signature"]
    message = json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()
    line = json.dumps({**tree, "signature": b64encode(KEY.sign(message)).decode()}).encode()
    with pytest.raises(InvalidError, match="not a checkpoint"):
        checkpoints.read(line, PUBLIC)


@pytest.mark.parametrize("text", ["", "nonsense", PUBLIC[:-4], f"{PUBLIC}AAAA", "ü"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match="32 bytes in base 64"):
        checkpoints.checked_key(text)


def test_a_log_that_goes_on_fits() -> None:
    checkpoints.check(SAID, 7, (SAID.digest, NOON))
    checkpoints.check(SAID, 900, (SAID.digest, NOON))


@pytest.mark.parametrize(
    ("end", "event", "told"),
    [
        (6, None, "the log ends at event 6, and was signed up to event 7 on 2026-05-01: its end was cut off"),
        (9, (bytes(32), NOON), "event 7 has another digest than when it was signed"),
        (9, (SAID.digest, NOON.replace(hour=13)), "event 7 was recorded at another moment"),
    ],
)
def test_a_log_that_is_another_is_told(end: int, event: tuple[bytes, datetime] | None, told: str) -> None:
    with pytest.raises(IntegrityError) as different:
        checkpoints.check(SAID, end, event)
    assert different.value.message.startswith(told)
