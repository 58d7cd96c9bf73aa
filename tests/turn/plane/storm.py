"""Random and mutated datagrams, streams and control calls against a native plane: `python -m tests.turn.plane.storm LIBRARY SEED`.

A process of its own, so that it can run under sanitizers, which end it at the first mistake. Afterwards media must still pass.
"""

import random
import socket
import sys
import zlib
from pathlib import Path

from turn.plane import sockets
from turn.plane.base import HungUp, Limits
from turn.plane.native import NativePlane
from turn.words import Address

ROUNDS = 3000
PATIENCE = 60.0
COOKIE = b"\x21\x12\xa4\x42"
HOST = "127.0.0.1"


def attribute(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(2) + len(value).to_bytes(2) + value + bytes(-len(value) % 4)


def message(kind: int, *attributes: bytes) -> bytes:
    body = b"".join(attributes)
    return kind.to_bytes(2) + len(body).to_bytes(2) + COOKIE + bytes(12) + body


def xor_address(kind: int, port: int) -> bytes:
    host = bytes(one ^ other for one, other in zip(socket.inet_aton(HOST), COOKIE, strict=True))
    return attribute(kind, b"\0\1" + (port ^ 0x2112).to_bytes(2) + host)


def fingerprinted(kind: int, *attributes: bytes) -> bytes:
    whole = message(kind, *attributes, attribute(0x8028, bytes(4)))
    return whole[:-4] + (zlib.crc32(whole[:-8]) ^ 0x5354554E).to_bytes(4)


def channel_data(number: int, data: bytes) -> bytes:
    return number.to_bytes(2) + len(data).to_bytes(2) + data + bytes(-len(data) % 4)


def drain(heard: socket.socket) -> None:
    try:
        while True:
            heard.recv(65536, socket.MSG_DONTWAIT)
    except BlockingIOError:
        pass


class Storm:
    def __init__(self, library: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        limits = Limits(control_queue=64, control_rate=100_000, stream_buffer=8192, stream_patience=0.3, first_patience=0.1)
        self.plane = NativePlane(library, 2, limits)
        self.plane.own(socket.inet_aton("127.0.0.9"), socket.inet_aton("127.0.0.8"))
        listeners = sockets.listen_datagrams(Address.of(HOST, 0), 2)
        self.server = listeners[0].getsockname()
        for worker, listener in enumerate(listeners):
            self.links = [*getattr(self, "links", []), self.plane.listen(worker, listener)]
        self.plane.start()
        self.peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.peer.bind((HOST, 0))
        self.port = self.peer.getsockname()[1]
        self.number = 0
        self.allocations: dict[int, list[socket.socket]] = {}
        self.streams: dict[int, tuple[socket.socket, socket.socket]] = {}
        self.client = self.new_client()
        self.clients = [self.new_client() for _ in range(8)]
        self.permanent = self.allocate_for(self.client)

    def new_client(self) -> socket.socket:
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client.bind((HOST, 0))
        client.connect(self.server)
        return client

    def allocate_for(self, client: socket.socket) -> list[int]:
        """Which worker the kernel gives this client to only the kernel knows: one allocation at each."""
        return [self.allocate(link, Address.of(*client.getsockname())) for link in self.links]

    def allocate(self, link: int, remote: Address) -> int:
        self.number += 1
        relay = sockets.bind_relay(Address.of(HOST, 0))
        self.plane.open(self.number, link, remote, [relay], self.chance.choice([0, 0, 1000]) if self.number > 2 else 0)
        self.allocations[self.number] = [relay]
        self.fill(self.number)
        return self.number

    def fill(self, number: int) -> None:
        relay, peer = self.allocations[number][0], Address.of(HOST, self.port)
        self.plane.permit(number, peer.host)
        self.plane.bind(number, 0x4000, peer, sockets.sibling_of(relay, peer))
        self.plane.bind(number, 0x4001, Address.of("127.0.0.8", self.port), None)

    def sample(self) -> bytes:
        data = self.chance.randbytes(self.chance.choice([0, 1, 3, 160, 1200, 9000]))
        peer = xor_address(0x12, self.chance.choice([self.port, 9, 65535]))
        return self.chance.choice(
            [
                channel_data(self.chance.choice([0x4000, 0x4001, 0x4FFF, 0x7FFF]), data),
                message(0x0016, peer, attribute(0x13, data)),
                message(0x0016, attribute(0x1A, b""), attribute(0x13, data), peer),
                fingerprinted(0x0016, peer, attribute(0x13, data)),
                message(0x0001),
                message(0x0003, attribute(0x19, b"\x11\0\0\0"), attribute(0x8022, data)),
                self.chance.randbytes(self.chance.randrange(64)),
            ]
        )

    def mutated(self) -> bytes:
        sample = bytearray(self.sample())
        for _ in range(self.chance.choice([0, 0, 1, 1, 2, 8])):
            if sample:
                sample[self.chance.randrange(min(len(sample), 64))] = self.chance.randrange(256)
        if self.chance.random() < 0.2:
            del sample[self.chance.randrange(len(sample) + 1) :]
        return bytes(sample)

    def connect(self) -> None:
        if self.chance.random() < 0.5:
            inner, outer = socket.socketpair()
        else:
            with sockets.listen_streams(Address.of(HOST, 0)) as listener:
                listener.setblocking(True)
                outer = socket.create_connection(listener.getsockname())
                inner, _ = listener.accept()
        for end in (inner, outer):
            end.setblocking(False)
        link = self.plane.adopt(inner)
        self.streams[link] = (inner, outer)
        if self.chance.random() < 0.8:
            number = self.allocate(link, Address(bytes(4), 0))
            self.plane.send(link, Address(bytes(4), 0), number.to_bytes(4))

    def stream_bytes(self) -> None:
        _, outer = self.chance.choice(list(self.streams.values()))
        try:
            if self.chance.random() < 0.3:
                outer.recv(4096)
            frames = b"".join(self.sample() if self.chance.random() < 0.97 else self.mutated() for _ in range(5))
            for cut in (frames[:7], frames[7:]):
                outer.send(cut)
        except OSError:  # full, or the plane has had enough of it
            pass

    def control(self) -> None:
        for received in self.plane.receive():
            if isinstance(received, HungUp):
                self.hang_up(received.link)
            else:
                self.plane.send(received.link, received.remote, received.data[:20])

    def hang_up(self, link: int) -> None:
        self.plane.hang_up(link)
        for end in self.streams.pop(link, ()):
            end.close()

    def change(self) -> None:
        number = self.chance.choice(list(self.allocations))
        if number in self.permanent:
            return
        choice = self.chance.randrange(5)
        if choice == 0:
            self.close(number)
        elif choice == 1:
            self.plane.forbid(number, socket.inet_aton(HOST))
        elif choice == 2:
            for sibling in filter(None, [self.plane.unbind(number, channel) for channel in (0x4000, 0x4001, 0x4002)]):
                sibling.close()
        elif choice == 3 and self.allocations[number]:
            relay = self.allocations[number].pop()
            self.plane.narrow(number, relay)
            relay.close()
        elif self.allocations[number] and not self.plane.unbind(number, 0x4000):
            self.fill(number)

    def close(self, number: int) -> None:
        del self.allocations[number]
        for one in self.plane.close(number)[1]:
            one.close()

    def rage(self) -> None:
        for turn in range(ROUNDS):
            for client in self.clients:
                client.send(self.mutated())
            for number in self.chance.sample(list(self.allocations), k=min(2, len(self.allocations))):
                if self.allocations[number]:
                    data = self.chance.randbytes(self.chance.choice([0, 5, 160, 30_000]))
                    self.peer.sendto(data, self.allocations[number][0].getsockname())
            if self.streams:
                self.stream_bytes()
            if turn % 3 == 0:
                self.change()
            if turn % 20 == 0 and len(self.streams) < 16:
                self.connect()
            if turn % 100 == 0:
                self.clients[turn // 100 % 8].close()
                self.clients[turn // 100 % 8] = self.new_client()
                self.allocate_for(self.clients[turn // 100 % 8])
            if self.streams and turn % 70 == 0:
                self.hang_up(self.chance.choice(list(self.streams)))
            self.control()
            drain(self.peer)
            drain(self.client)

    def echo(self) -> None:
        """The one whose packets were let alone is heard, and hears."""
        self.peer.settimeout(PATIENCE)
        self.client.settimeout(PATIENCE)
        data, back = b"", None
        self.client.send(channel_data(0x4000, b"still there?"))
        while data != b"still there?":
            data, back = self.peer.recvfrom(65536)
        self.peer.sendto(b"yes", back)
        while not data.startswith(b"\x40\x00\x00\x03yes"):
            data = self.client.recv(65536)


def main(library: str, seed: str) -> None:
    storm = Storm(Path(library), int(seed))
    storm.rage()
    storm.echo()
    counters = storm.plane.counters()
    for number in list(storm.allocations):
        storm.close(number)
    storm.plane.stop()
    sys.stdout.write(f"{counters}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
