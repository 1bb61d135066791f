import asyncio
import os
import sys
import threading
from dataclasses import replace

import pytest

from reality_engine.accounts.passwords import LOW_PRIORITY, MAX_WAITING, Passwords
from reality_engine.accounts.settings import AccountSettings
from reality_engine.accounts.strength import MAX_LENGTH
from reality_engine.kernel.errors import BusyError

SETTINGS = AccountSettings(bcrypt_rounds=4)


@pytest.fixture(scope="module", params=["bcrypt", "argon2id"])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    return Passwords(replace(SETTINGS, hasher=request.param))


@pytest.mark.parametrize("password", ["correct horse", "\u00e9" * 100, "x" * MAX_LENGTH, "\U0001f98a" * 20, "a\0b" * 5])
async def test_a_password_fits_its_own_hash_alone(passwords: Passwords, password: str) -> None:
    stored = await passwords.hash(password)
    assert password not in stored
    assert await passwords.check(password, stored)
    assert not await passwords.check(password + "x", stored)
    assert not await passwords.check(password[:-1], stored)


async def test_the_same_password_has_another_hash_each_time(passwords: Passwords) -> None:
    assert await passwords.hash("correct horse") != await passwords.hash("correct horse")


async def test_the_same_letters_typed_another_way_fit(passwords: Passwords) -> None:
    assert await passwords.check("cafe\u0301 au lait", await passwords.hash("caf\u00e9 au lait"))


async def test_nothing_fits_nobody(passwords: Passwords) -> None:
    for stored in (None, ""):
        assert not await passwords.check("anything", stored)
        assert not await passwords.check("", stored)


async def test_a_password_over_the_bound_is_not_even_hashed(passwords: Passwords) -> None:
    assert not await passwords.check("x" * (MAX_LENGTH + 1), await passwords.hash("x" * (MAX_LENGTH + 1)))


async def test_after_a_change_of_the_hasher_old_hashes_still_fit_and_are_outdated() -> None:
    old, new = Passwords(SETTINGS), Passwords(replace(SETTINGS, hasher="argon2id"))
    stored = await old.hash("correct horse")
    assert await new.check("correct horse", stored)
    assert new.outdated(stored)
    assert not old.outdated(stored)
    assert Passwords(replace(SETTINGS, bcrypt_rounds=5)).outdated(stored)


@pytest.mark.skipif(sys.platform != "linux", reason="only there have threads priorities of their own")
async def test_hashing_gives_way_to_everything_else() -> None:
    before = set(threading.enumerate())
    await Passwords(SETTINGS).hash("correct horse")
    hashing = [thread.native_id for thread in set(threading.enumerate()) - before]
    assert [os.getpriority(os.PRIO_PROCESS, one or 0) for one in hashing] == [LOW_PRIORITY]
    assert os.getpriority(os.PRIO_PROCESS, 0) < LOW_PRIORITY


async def test_who_comes_when_too_many_wait_is_sent_away_at_once() -> None:
    passwords = Passwords(SETTINGS)
    stored = await passwords.hash("correct horse")
    attempts = [passwords.check("correct horse", stored) for _ in range(MAX_WAITING + 3)]
    found = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(one) for one in found[-3:]] == [BusyError] * 3
    assert found[:-3] == [True] * MAX_WAITING
    assert await passwords.check("correct horse", stored)
