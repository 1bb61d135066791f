"""Letters reach a mail server, or are tried again, or are given up; whatever happens to whoever sends them."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reality_engine.app.beats import beats
from reality_engine.app.bootstrap import bootstrap
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units, WriteUnit
from reality_engine.kernel.clock import FixedClock
from reality_engine.mail import repository, service
from reality_engine.mail.composing import Composer
from reality_engine.mail.delivery import FolderDelivery, NotNowError, ServerDelivery
from reality_engine.mail.letter import Letter
from reality_engine.mail.links import Links
from reality_engine.mail.places import Folder, MailServer
from reality_engine.mail.relay import FIRST_PAUSE, Relay
from tests.letters import Postbox, postbox, text_of
from tests.serving import settings_for

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
MIRA = "mira@example.org"


@dataclass
class Office:
    units: Units
    relay: Relay
    box: Postbox
    clock: FixedClock

    async def write(self, to: str = MIRA, template: str = "trial") -> None:
        async with self.units.write() as unit:
            await service.enqueue(unit, self.clock.now(), to, template, {})
            await unit.commit()

    async def waiting(self) -> list[tuple[str, datetime | None, str | None]]:
        async with self.units.read() as unit:
            return [(letter.to, due, why) for letter, due, why in await repository.list_waiting(unit, 10)]


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    engines, clock = open_engines(database_url), FixedClock(NOW)
    units = Units(engines)
    composer = Composer(Address("Worlds", addr_spec="worlds@example.org"), Links(b"s" * 32, "http://here"))
    async with postbox() as box:
        delivery = ServerDelivery(MailServer("127.0.0.1", box.port, "none"))
        yield Office(units, Relay(units, clock, composer, delivery), box, clock)
    await engines.close()


async def test_letters_arrive_once_and_leave_nothing_behind(office: Office) -> None:
    for to in (MIRA, "jo@example.org", "mira@bücher.example.org"):
        await office.write(to)
    found = await asyncio.gather(office.relay.send_due(), replace(office.relay).send_due())
    assert sum(found) == 3
    assert sorted(office.box.recipients) == ["jo@example.org", MIRA, "mira@xn--bcher-kva.example.org"]
    assert "whether letters arrive" in text_of(office.box.letters[0])
    assert await office.waiting() == []
    assert await office.relay.send_due() == 0


async def test_a_mail_server_that_cannot_now_is_asked_again_and_later_each_time(office: Office) -> None:
    await office.write()
    office.box.says["message"] = "451 try later"
    for pause in (FIRST_PAUSE, FIRST_PAUSE * 4):
        assert await office.relay.send_due() == 1
        assert await office.waiting() == [
            (MIRA, office.clock.now() + pause, "the mail server refused the message with 451")
        ]
        assert await office.relay.send_due() == 0
        office.clock.advance(pause)
    office.box.says.clear()
    assert await office.relay.send_due() == 1
    assert office.box.recipients == [MIRA]


@pytest.mark.parametrize("step", ["recipient", "message"])
async def test_what_is_refused_for_good_is_given_up(office: Office, step: str) -> None:
    await office.write()
    office.box.says[step] = "550 no"
    assert await office.relay.send_due() == 1
    assert await office.waiting() == [(MIRA, None, f"the mail server refused the {step} with 550")]
    office.clock.advance(timedelta(hours=12))
    assert await office.relay.send_due() == 0


async def test_what_is_of_no_more_use_is_given_up(office: Office) -> None:
    await office.write()
    office.clock.advance(service.WORTH_SENDING)
    assert await office.relay.send_due() == 1
    assert await office.waiting() == [(MIRA, None, "it could not be sent in time")]
    assert office.box.letters == []


async def test_a_letter_that_cannot_be_written_does_not_hold_up_others(office: Office) -> None:
    await office.write(template="no_such_template")
    await office.write()
    assert await office.relay.send_due() == 2
    assert office.box.recipients == [MIRA]
    assert [due for _, due, _ in await office.waiting()] == [None]


async def test_a_letter_of_a_process_that_died_is_sent_by_another(office: Office) -> None:
    await office.write()
    office.box.says["silence"] = "for long"
    sending = asyncio.create_task(office.relay.send_due())
    await office.box.asked.wait()
    sending.cancel()
    await office.relay.close(seconds=0)
    office.box.says.clear()
    office.clock.advance(timedelta(minutes=2))
    again = replace(office.relay, _closing=False)
    assert await again.send_due() == 1
    assert office.box.recipients == [MIRA]


async def test_who_closes_waits_for_what_is_on_its_way_and_begins_nothing_more(office: Office) -> None:
    for _ in range(8):
        await office.write()
    sending = asyncio.create_task(office.relay.send_due())
    await office.box.asked.wait()
    sending.cancel()
    await office.relay.close()
    arrived, waiting = len(office.box.letters), await office.waiting()
    assert 1 <= arrived <= 3
    assert [due for _, due, _ in waiting] == [NOW] * (8 - arrived)


async def test_what_was_asked_without_looking_is_looked_at_first(office: Office) -> None:
    async def prepare(_unit: WriteUnit, letter: Letter, _moment: datetime) -> Letter | None:
        return replace(letter, template="trial") if letter.to == MIRA else None

    office.relay.preparations = {"asked": prepare}
    await office.write(template="asked")
    await office.write("nobody@example.org", "asked")
    assert await office.relay.send_due() == 2
    assert office.box.recipients == [MIRA]
    assert await office.waiting() == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_server_that_offers_no_privacy_is_sent_nothing(office: Office) -> None:
    await office.write()
    place = MailServer("127.0.0.1", office.box.port, "starttls")
    relay = replace(office.relay, delivery=ServerDelivery(place))
    await relay.send_due()
    ((_, due, why),) = await office.waiting()
    assert (due, why) == (
        NOW + FIRST_PAUSE,
        "the mail server could not be talked to: SMTP STARTTLS extension not supported by server.",
    )


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_folder_has_one_file_for_each_letter(office: Office, tmp_path: Path) -> None:
    relay = replace(office.relay, delivery=FolderDelivery(Folder(tmp_path / "letters")))
    await office.write()
    await relay.send_due()
    (file,) = (tmp_path / "letters").iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777) == (".eml", 0o600)
    assert b"To: mira@example.org" in file.read_bytes()


async def test_a_folder_that_cannot_be_written_to_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    message: Any = Composer(Address("W", addr_spec="w@example.org"), Links(b"s", "http://here")).compose(
        Letter("01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10", MIRA, "trial", {}, NOW, NOW)
    )
    with pytest.raises(NotNowError):
        await FolderDelivery(Folder(tmp_path / "taken")).deliver(message, "x")


async def test_a_server_sends_by_itself(database_url: str, tmp_path: Path) -> None:
    services = bootstrap(settings_for(database_url, mail_url=f"folder:{tmp_path}", tidy_minutes=0))
    try:
        async with beats(services, mail_seconds=0.01):
            async with services.units.write() as unit:
                await service.enqueue(unit, services.clock.now(), MIRA, "trial", {})
                await unit.commit()
            async with asyncio.timeout(20):
                await arrived(tmp_path)
    finally:
        await services.close()


async def arrived(folder: Path) -> None:
    """Wait for a letter."""
    while True:
        if await asyncio.to_thread(lambda: [*folder.glob("*.eml")]):
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_is_sent_by_starttls_is_private_and_goes_to_who_can_prove_their_name(office: Office) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    own, others = [trusted(key, name) for name in ("localhost", "another.example.org")]
    for served, trusting, troubled in ((own, own, False), (own, others, True), (others, others, True)):
        async with postbox(served[0]) as box:
            await office.write()
            place = MailServer("localhost", box.port, "starttls")
            await replace(office.relay, delivery=ServerDelivery(place, trusting[1])).send_due()
            assert box.private == ([] if troubled else [True])
        async with office.units.write() as unit:
            await service.forget(unit, "", MIRA)
            await unit.commit()


def trusted(key: ec.EllipticCurvePrivateKey, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server of this name serves by, and what its certificate is trusted by."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as both:
        both.write(private + pem)
        both.flush()
        serving.load_cert_chain(both.name)
    return serving, ssl.create_default_context(cadata=pem.decode())
