import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import ConflictError, IntegrityError, NotFoundError
from reality_engine.kernel.ids import fresh_id
from reality_engine.signing import repository, service
from reality_engine.signing.algorithms import Algorithm
from reality_engine.signing.errors import BadTokenError
from reality_engine.signing.service import OVERLAP
from reality_engine.signing.signing import TRUST, Signing

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
SECRET = b"s" * 32
CLAIMS = {"sub": "mira"}
QUICK = Algorithm.ES256
PUBLIC = [one for one in Algorithm if one.public]


@pytest.fixture
async def units(database_url: str) -> AsyncIterator[Units]:
    engines = open_engines(database_url)
    yield Units(engines)
    await engines.close()


@pytest.fixture
def signing(units: Units) -> Signing:
    return Signing(SECRET, units)


async def rotate(signing: Signing, units: Units, moment: datetime = NOW) -> str:
    key = await signing.make(QUICK, moment)
    async with units.write() as unit:
        await service.rotate(unit, key, moment)
        await unit.commit()
    return key.kid


async def retire(units: Units, kid: str, moment: datetime = NOW) -> None:
    async with units.write() as unit:
        await service.retire(unit, kid, moment)
        await unit.commit()


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def set_of(signing: Signing, moment: datetime = NOW) -> list[dict[str, Any]]:
    return list(await signing.public_keys(moment))


async def test_what_is_signed_by_any_algorithm_is_read_back_here_and_in_other_processes(units: Units) -> None:
    one, other = Signing(SECRET, units), Signing(SECRET, units)
    for algorithm in Algorithm:
        token = await one.sign(CLAIMS, algorithm, NOW)
        assert jwt.get_unverified_header(token)["alg"] == algorithm.value
        for signing in (one, other):
            signed = await signing.read(token, NOW)
            assert (signed.claims, signed.kid) == (CLAIMS, kid_of(token))


async def test_others_check_a_token_by_the_published_key_alone(signing: Signing) -> None:
    for algorithm in PUBLIC:
        token = await signing.sign(CLAIMS, algorithm, NOW)
        published = jwt.PyJWKSet.from_dict({"keys": await set_of(signing)})
        assert jwt.decode(token, published[kid_of(token)], [algorithm.value]) == CLAIMS


async def test_nothing_private_is_published_or_stored_unsealed(signing: Signing, units: Units) -> None:
    for algorithm in PUBLIC:
        await signing.sign(CLAIMS, algorithm, NOW)
    async with units.read() as unit:
        rows = await repository.list_all(unit)
    published = await set_of(signing)
    assert [row.public for row in rows] == published
    for one in published:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & one.keys()
    assert not [row for row in rows if row.sealed is None or "PRIVATE" in row.sealed]


async def test_without_a_key_of_its_own_nothing_is_published(signing: Signing) -> None:
    await signing.sign(CLAIMS, Algorithm.HS256, NOW)
    assert await set_of(signing) == []


async def test_processes_that_begin_together_sign_by_one_key(units: Units) -> None:
    several = [Signing(SECRET, units) for _ in range(4)]
    tokens = await asyncio.gather(*(one.sign(CLAIMS, QUICK, NOW) for one in several))
    assert len({kid_of(token) for token in tokens}) == 1


async def test_a_rotated_key_signs_and_is_read_at_once_and_the_former_one_is_read_still(units: Units) -> None:
    one, other = Signing(SECRET, units), Signing(SECRET, units)
    former = await one.sign(CLAIMS, QUICK, NOW)
    await other.read(former, NOW)
    kid = await rotate(one, units)
    fresh = await one.sign(CLAIMS, QUICK, NOW + TRUST)
    assert kid_of(fresh) == kid != kid_of(former)
    # No time has passed for the other one, which has read the keys already: it looks again for one it does not know.
    assert (await other.read(fresh, NOW)).claims == CLAIMS
    assert (await other.read(former, NOW)).claims == CLAIMS
    assert {key["kid"] for key in await set_of(other)} == {kid, kid_of(former)}


async def test_the_former_key_is_accepted_for_the_overlap_and_can_sign_no_more(signing: Signing, units: Units) -> None:
    former = await signing.sign(CLAIMS, QUICK, NOW)
    await rotate(signing, units)
    async with units.read() as unit:
        assert [row.id for row in await repository.list_all(unit) if row.sealed is None] == [kid_of(former)]
    assert (await signing.read(former, NOW + OVERLAP - timedelta(seconds=1))).claims == CLAIMS
    with pytest.raises(BadTokenError):
        await signing.read(former, NOW + OVERLAP)
    await rotate(signing, units, NOW + OVERLAP * 2)
    async with units.read() as unit:
        assert kid_of(former) not in [row.id for row in await repository.list_all(unit)]


async def test_a_retired_key_is_refused_everywhere_within_a_second(units: Units) -> None:
    one, other = Signing(SECRET, units), Signing(SECRET, units)
    former = await one.sign(CLAIMS, QUICK, NOW)
    assert (await other.read(former, NOW)).claims == CLAIMS
    await rotate(one, units)
    await retire(units, kid_of(former))
    assert not other.accepts(kid_of(former), NOW + TRUST)
    assert not await other.still_accepts(kid_of(former), NOW + TRUST)
    with pytest.raises(BadTokenError):
        await other.read(former, NOW + TRUST)


async def test_the_key_that_signs_is_not_retired_and_an_unknown_one_neither(signing: Signing, units: Units) -> None:
    token = await signing.sign(CLAIMS, QUICK, NOW)
    with pytest.raises(ConflictError):
        await retire(units, kid_of(token))
    with pytest.raises(NotFoundError):
        await retire(units, fresh_id(NOW))
    assert (await signing.read(token, NOW + TRUST)).claims == CLAIMS


async def test_of_two_rotations_at_once_one_counts(signing: Signing, units: Units) -> None:
    await signing.sign(CLAIMS, QUICK, NOW)
    outcomes = await asyncio.gather(*(rotate(signing, units) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, str | ConflictError) for one in outcomes)
    async with units.read() as unit:
        assert len([row for row in await repository.list_all(unit) if row.current]) == 1


async def test_keys_that_another_secret_sealed_verify_and_cannot_sign(signing: Signing, units: Units) -> None:
    token = await signing.sign(CLAIMS, QUICK, NOW)
    other = Signing(b"o" * 32, units)
    assert (await other.read(token, NOW)).claims == CLAIMS
    with pytest.raises(IntegrityError):
        await other.sign(CLAIMS, QUICK, NOW)
    await rotate(other, units)
    assert (await other.read(await other.sign(CLAIMS, QUICK, NOW + TRUST), NOW + TRUST)).claims == CLAIMS


async def test_a_public_key_is_never_taken_for_a_shared_secret(signing: Signing) -> None:
    token = await signing.sign(CLAIMS, Algorithm.RS256, NOW)
    (published,) = await set_of(signing)
    public: Any = RSAAlgorithm.from_jwk(json.dumps(published))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
        # By hand, since the library refuses to sign by what looks like a public key.
        header = {"alg": "HS256", "typ": "JWT", "kid": kid_of(token)}
        signed = ".".join(base64url_encode(json.dumps(part).encode()).decode() for part in (header, CLAIMS))
        seal = hmac.digest(public.public_bytes(encoding, form), signed.encode(), "sha256")
        with pytest.raises(BadTokenError):
            await signing.read(f"{signed}.{base64url_encode(seal).decode()}", NOW)


async def test_a_token_of_one_kind_is_none_of_another(signing: Signing) -> None:
    token = await signing.sign(CLAIMS, QUICK, NOW, "at+jwt")
    assert (await signing.read(token, NOW, "at+jwt")).claims == CLAIMS
    with pytest.raises(BadTokenError):
        await signing.read(token, NOW)


async def test_a_token_by_no_key_of_ours_is_refused(signing: Signing) -> None:
    for kid in ("", "x", "../../etc/passwd", "' or 1=1 --", fresh_id(NOW), "0" * 16):
        with pytest.raises(BadTokenError):
            await signing.read(jwt.encode(CLAIMS, "k" * 32, "HS256", headers={"kid": kid}), NOW)
