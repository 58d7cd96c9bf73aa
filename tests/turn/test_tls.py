"""TLS before the relay: handshakes, certificates that are replaced, and bytes that no side hoards."""

import asyncio
import logging
import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.turn.probe import LONGEST, PATIENCE, Probe, code, peer, where
from tests.turn.relays import certificate
from tests.turn.rig import HOST, PASSWORD, Rig, rig, until
from turn import listeners, tls
from turn.journal import Journal
from turn.protocol.attributes import CHANNEL_NUMBER, XOR_PEER_ADDRESS
from turn.protocol.stun import Method
from turn.tls import BadCertificate, Certificate
from turn.words import Address, Transport, Usage

T = TypeVar("T")
pytestmark = pytest.mark.usefixtures("each_plane")


@pytest.fixture
def trust(tmp_path: Path) -> ssl.SSLContext:
    """Files of a certificate lie in `tmp_path`; this trusts it."""
    return certificate(tmp_path)


@pytest.fixture
def own(tmp_path: Path, trust: ssl.SSLContext) -> Certificate:
    return Certificate(tmp_path / "cert.pem", tmp_path / "key.pem")


async def shake_hands(it: Rig, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*where(it.streams), ssl=context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_media_flow_both_ways(own, trust, version):
    trust.maximum_version = trust.minimum_version = version
    async with rig(own) as it, it.probe(Transport.TLS, trust=trust) as anna, peer() as friend:
        relayed = await anna.allocate()
        assert it.relay.connections == {Transport.TLS: 1}
        assert await anna.permit(friend.address) is None
        anna.send_to(friend.address, b"123")
        assert await friend.receive_from() == (b"123", relayed)
        friend.send(b"45", relayed)
        assert await anna.hear() == (friend.address, b"45")
        assert it.relay.carried() == {"anna": Usage(1, 3, 1, 2)}


async def test_plain_connections_are_served_beside(own):
    async with rig(own) as it, it.probe(Transport.TCP) as anna:
        await anna.allocate()
        assert it.relay.connections == {Transport.TCP: 1}


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["stun.turn"], "stun.turn"), (["h2", "stun.turn"], "stun.turn"), (["h2"], None)]
)
async def test_the_protocol_may_be_named(own, trust, offered, chosen):
    trust.set_alpn_protocols(offered)
    async with rig(own) as it:
        _, writer = await shake_hands(it, trust)
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == chosen
        writer.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_older_versions_are_refused(own, trust):
    trust.set_ciphers("ALL:@SECLEVEL=0")
    trust.minimum_version = trust.maximum_version = ssl.TLSVersion.TLSv1_1
    async with rig(own) as it:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await shake_hands(it, trust)
        await until(lambda: it.listeners.refused == {"handshake": 1})
        assert len(it.guests) == 0


async def test_half_a_handshake_ends(own, monkeypatch):
    monkeypatch.setattr(tls, "HANDSHAKE_TIMEOUT", 0.1)
    async with rig(own) as it:
        reader, writer = await asyncio.open_connection(*where(it.streams))
        writer.write(b"\x16\x03\x01")
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        assert it.listeners.refused == {"handshake": 1}
        writer.close()


async def test_handshakes_are_bounded(own, monkeypatch, trust):
    monkeypatch.setattr(listeners, "MOST_HANDSHAKES", 1)
    async with rig(own) as it:
        _, half = await asyncio.open_connection(*where(it.streams))
        half.write(b"\x16\x03\x01")
        await until(lambda: it.listeners.handshakes == 1)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await shake_hands(it, trust)
        assert it.listeners.refused == {"too-many-handshakes": 1}
        half.close()
        await until(lambda: it.listeners.refused["handshake"] == 1)
        async with it.probe(Transport.TLS, trust=trust) as anna:
            await anna.allocate()


class Records:
    """A wire of TLS that takes each record for a message, as coturn's own client does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trust: ssl.SSLContext) -> None:
        self.reader, self.writer = reader, writer
        self.address = Address.of(*writer.get_extra_info("sockname")[:2])
        self._coming, self._going = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trust.wrap_bio(self._coming, self._going, server_hostname=HOST)

    def send(self, data: bytes) -> None:
        self._tls.write(data)
        self.writer.write(self._going.read())

    async def receive(self) -> bytes:
        return await self.step(lambda: self._tls.read(LONGEST))

    async def step(self, do: Callable[[], T]) -> T:
        """Until there is enough for it."""
        while True:
            try:
                return do()
            except ssl.SSLWantReadError:
                self.writer.write(self._going.read())
                self._coming.write(await asyncio.wait_for(self.reader.read(LONGEST), PATIENCE))
            finally:
                self.writer.write(self._going.read())

    async def shake_hands(self) -> None:
        await self.step(self._tls.do_handshake)


async def test_each_frame_is_a_record_of_its_own(own, trust):
    async with rig(own) as it, peer() as friend:
        wire = Records(*await asyncio.open_connection(*where(it.streams)), trust)
        await wire.shake_hands()
        anna = Probe(wire, "anna", PASSWORD)
        relayed = await anna.allocate()
        bound = await anna.request(Method.CHANNEL_BIND, (CHANNEL_NUMBER, 0x4000), (XOR_PEER_ADDRESS, friend.address))
        assert code(bound) is None
        for number in range(50):
            friend.send(b"%04d" % number, relayed)
        for number in range(50):
            assert await wire.receive() == b"\x40\x00\x00\x04%04d" % number
        wire.writer.close()


async def test_a_reset_ends_the_allocation(own, trust):
    async with rig(own) as it:
        reader, writer = await shake_hands(it, trust)
        anna = it.probe(Transport.TLS, trust=trust)
        async with anna as client:
            await client.allocate()
            raw = client.wire.writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.wire.writer.transport.abort()
            await until(lambda: not it.relay.users())
        await until(lambda: it.relay.connections == {Transport.TLS: 1})  # the other one
        writer.close()
        await until(lambda: not it.relay.connections)
        assert len(it.guests) == 0
        assert not reader.at_eof() or await reader.read() == b""


async def test_what_is_no_turn_inside_ends_the_connection(own, trust):
    async with rig(own) as it:
        reader, writer = await shake_hands(it, trust)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        await until(lambda: not it.relay.connections)
        assert len(it.guests) == 0
        writer.close()


async def test_a_slow_reader_loses_his_own_packets_and_nobody_elses(own, trust):
    async with (
        rig(own) as it,
        it.probe(Transport.TLS, trust=trust) as slow,
        it.probe(Transport.TLS, user="boris", trust=trust) as quick,
        peer() as friend,
    ):
        to_slow, to_quick = await slow.allocate(), await quick.allocate()
        for client in (slow, quick):
            assert await client.permit(friend.address) is None
        slow.wire.writer.transport.pause_reading()
        heard = 0
        while not it.relay.plane.counters().slow:
            for _ in range(100):
                friend.send(bytes(1000), to_slow)
            friend.send(b"%d" % heard, to_quick)
            assert await quick.hear() == (friend.address, b"%d" % heard)
            heard += 1
        assert it.relay.users() == {"anna", "boris"}
        assert it.journal.failures == 0


async def test_new_files_are_used_and_broken_ones_are_not(own, trust, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    async with rig(own) as it:

        async def presented() -> bytes:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            _, writer = await shake_hands(it, context)
            found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
            return bytes(found)

        first = await presented()
        own.refresh(it.journal)
        assert await presented() == first

        certificate(tmp_path)
        own.refresh(it.journal)
        second = await presented()
        assert second != first

        (tmp_path / "cert.pem").write_text("half a certifi")
        for _ in range(3):
            own.refresh(it.journal)
        (tmp_path / "key.pem").unlink()
        own.refresh(it.journal)
        assert await presented() == second
        words = [record.getMessage().split()[0] for record in caplog.records if record.name == it.logger.name]
        assert words == ["certificate-renewed", "certificate-kept", "certificate-kept"]


async def test_files_are_looked_at_again_and_again(own, tmp_path, monkeypatch):
    monkeypatch.setattr(tls, "LOOK", 0.01)
    journal = Journal(logging.getLogger("tests.follow"))
    before = own.context
    following = asyncio.create_task(own.follow(journal))
    certificate(tmp_path)
    await until(lambda: own.context is not before)
    following.cancel()


def protected(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    secret = serialization.BestAvailableEncryption(b"hunter2")
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret))


def foreign(folder: Path) -> None:
    kept = (folder / "cert.pem").read_bytes()
    certificate(folder)
    (folder / "cert.pem").write_bytes(kept)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "cert.pem").unlink(), "No such file or directory"),
        (lambda folder: (folder / "key.pem").write_text(""), "PEM"),
        (lambda folder: (folder / "cert.pem").write_text("nonsense"), "PEM"),
        (foreign, "KEY_VALUES_MISMATCH"),
        (protected, "protected by a password"),
    ],
)
def test_files_that_cannot_be_used_are_named(trust, tmp_path, spoil: Callable[[Path], None], reason):
    spoil(tmp_path)
    with pytest.raises(BadCertificate) as refusal:
        Certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
    said = str(refusal.value)
    assert said.startswith(f"{tmp_path / 'cert.pem'} with key {tmp_path / 'key.pem'} cannot be used for TLS: ")
    assert reason in said
    assert "\n" not in said


def test_key_and_certificate_may_lie_in_one_file(trust, tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes((tmp_path / "cert.pem").read_bytes() + (tmp_path / "key.pem").read_bytes())
    assert Certificate(both, None).context.minimum_version is ssl.TLSVersion.TLSv1_2
