"""What one relayed signal costs in the wire protocols, layer by layer, beside the other ways it could be done.

    PYTHONPATH=. .venv/bin/python bench/signaling/wire.py

A signal of 500 bytes comes as a masked WebSocket frame and leaves as another, re-addressed: unmask, Engine.IO, Socket.IO,
JSON, and back. No socket is opened. Each figure is the least of many short runs in one process, in µs: what else the
machine does can only add to it.
"""

import json
import os
import random
from collections.abc import Callable
from timeit import repeat
from typing import Any

import engineio.packet
import orjson
import socketio.packet
from websockets.protocol import Protocol, Side, State
from websockets.speedups import apply_mask

from voice.wire import websocket
from voice.wire.client import Client, EventCame
from voice.wire.masking import unmask_by_integer
from voice.wire.socketio import Kind, decode, encode_event, head
from voice.wire.websocket import TEXT, Decoder, text_frame

SIZE, RUN, RUNS = 500, 1000, 200
MAX_SIZE = 256 * 1024
SENDER, RECEIVER = "s" * 20, "r" * 20
HEAD = b"4" + head(Kind.EVENT)


def signal(size: int = SIZE) -> bytes:
    """An offer as a browser emits it: `42["signal",{…}]`."""
    line = "a=candidate:842163049 1 udp 1677729535 192.0.2.17 46154 typ srflx generation 0\r\n"
    body = {"to": RECEIVER, "type": "offer", "sdp": ""}
    while len(text := HEAD + orjson.dumps(["signal", body])) < size:
        body["sdp"] += line[len(body["sdp"]) % len(line)]
    return text


def masked(text: bytes) -> bytes:
    mask = random.Random(1).randbytes(4)
    return bytes((0x81, 0x80 | 126)) + len(text).to_bytes(2, "big") + mask + apply_mask(text, mask)


MESSAGE = signal()
FRAME = masked(MESSAGE)
CYRILLIC = masked(MESSAGE.replace(b"generation", "поколение".encode()))
EVENT = decode(MESSAGE, 1)
READDRESSED = {"from": SENDER, "to": SENDER, "type": "offer", "sdp": EVENT.event()[1][0]["sdp"]}
TRANSLATIONS = [bytes(byte ^ mask for byte in range(256)) for mask in range(256)]


def unmask_by_translation(data: bytes, mask: bytes) -> bytes:
    out = bytearray(data)
    for at in range(4):
        out[at::4] = data[at::4].translate(TRANSLATIONS[mask[at]])
    return bytes(out)


def unmask_by_loop(data: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[at & 3] for at, byte in enumerate(data))


def reader() -> Callable[[bytes], None]:
    decoder = Decoder(MAX_SIZE)

    def read(frame: bytes) -> None:
        for _ in decoder.receive(frame):
            pass

    return read


def read_by_websockets() -> Callable[[], None]:
    protocol = Protocol(Side.SERVER, state=State.OPEN, max_size=MAX_SIZE)

    def read() -> None:
        protocol.receive_data(FRAME)
        protocol.events_received()

    return read


def client() -> Client:
    one = Client({"/"}, MAX_SIZE, now=0, before=b"4")
    one.receive_text(b"0", 0)
    one.accept("/", SENDER)
    return one


def readdress(came: EventCame) -> dict[str, Any]:
    body = came.args[0]
    body.pop("to")
    return {**body, "from": SENDER, "to": SENDER}


def whole_way() -> Callable[[], None]:
    """As a synchronous hot method goes: every layer's own check, one dict changed, JSON read once and written once."""
    decoder, one = Decoder(MAX_SIZE), client()

    def relay() -> None:
        for opcode, data in decoder.receive(FRAME):
            if opcode == TEXT:
                came = one.receive_plain(data)
                if came is not None:
                    text_frame(HEAD + orjson.dumps([came.name, readdress(came)]))

    return relay


def whole_way_spliced() -> Callable[[], None]:
    """JSON read to check it, but not written: what the server says is put after what the client said, and so wins."""
    decoder = Decoder(MAX_SIZE)
    suffix = b',"from":"%s","to":"%s"}]' % (SENDER.encode(), SENDER.encode())

    def relay() -> None:
        for opcode, data in decoder.receive(FRAME):
            if opcode == TEXT and data[:1] == b"4":
                packet = decode(data, 1)
                packet.event()
                text_frame(HEAD + packet.raw[:-2] + suffix)

    return relay


def whole_way_by_libraries() -> Callable[[], None]:
    """The codecs that carry calls today: websockets, python-engineio, python-socketio, with the standard library's JSON."""
    read, text = read_by_websockets(), MESSAGE.decode()

    def relay() -> None:
        read()
        outer = engineio.packet.Packet(encoded_packet=text)
        _, body = socketio.packet.Packet(encoded_packet=outer.data).data
        body.pop("to")
        inner = socketio.packet.Packet(socketio.packet.EVENT, data=["signal", {**body, "from": SENDER, "to": SENDER}])
        websocket.text_frame(engineio.packet.Packet(engineio.packet.MESSAGE, inner.encode()).encode().encode())

    return relay


def measures() -> dict[str, dict[str, Callable[[], Any]]]:
    read, burst, one = reader(), FRAME * 4, client()
    payload, mask, text = FRAME[8:], FRAME[4:8], MESSAGE.decode()
    inner = text[1:]
    return {
        "unmask": {
            "C of websockets": lambda: apply_mask(payload, mask),
            "one long integer": lambda: unmask_by_integer(payload, mask),
            "bytes.translate by fours": lambda: unmask_by_translation(payload, mask),
            "a loop": lambda: unmask_by_loop(payload, mask),
        },
        "WebSocket, in": {
            "ours": lambda: read(FRAME),
            "ours, four frames in a chunk": lambda: read(burst),
            "ours, not ASCII": lambda: read(CYRILLIC),
            "websockets": read_by_websockets(),
        },
        "Engine.IO and Socket.IO, in": {
            "envelope": lambda: decode(MESSAGE, 1),
            "envelope, payload": lambda: decode(MESSAGE, 1).event(),
            "envelope, payload, state of the client": lambda: one.receive_plain(MESSAGE),
            "of which orjson": lambda: orjson.loads(EVENT.raw),
            "python-engineio": lambda: engineio.packet.Packet(encoded_packet=text),
            "python-socketio": lambda: socketio.packet.Packet(encoded_packet=inner),
        },
        "Socket.IO, out": {
            "head + orjson.dumps": lambda: HEAD + orjson.dumps(["signal", READDRESSED]),
            "encode_event": lambda: encode_event("signal", [READDRESSED]),
            "standard library's json": lambda: json.dumps(["signal", READDRESSED], separators=(",", ":")),
            "python-socketio": lambda: socketio.packet.Packet(socketio.packet.EVENT, data=["signal", READDRESSED]).encode(),
        },
        "WebSocket, out": {
            "ours": lambda: text_frame(MESSAGE),
            "one header for all sizes": lambda: bytes((0x81, 126)) + len(MESSAGE).to_bytes(2, "big") + MESSAGE,
        },
        "the whole way": {
            "ours": whole_way(),
            "ours, spliced": whole_way_spliced(),
            "the libraries' codecs": whole_way_by_libraries(),
        },
    }


def main() -> None:
    print(f"µs per signal of {len(MESSAGE)} bytes, load {os.getloadavg()[0]:.1f}")
    for layer, ways in measures().items():
        print(f"\n{layer}")
        for name, way in ways.items():
            way()
            print(f"  {name:40}{min(repeat(way, number=RUN, repeat=RUNS)) / RUN * 1e6:8.2f}")


if __name__ == "__main__":
    main()
