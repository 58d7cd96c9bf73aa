"""Our parsers against those others run: what we read they read the same way, and where we are stricter is told.

The texts are those of the other tests here and many more, put together at random, always the same.
"""

import base64
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.voice.wire.test_socketio import ENVELOPES
from voice.wire import engineio, socketio
from voice.wire.errors import MalformedPacket

JS = Path(__file__).parents[3] / "js"
ENGINE_PARTS = ["0", "1", "2", "3", "4", "5", "6", "7", "b", "probe", "hello", "привет", '{"sid":"x"}', "AQIDBA==", "AQ=", "%"]
SOCKET_PARTS = ["0", "1", "2", "3", "4", "5", "6", "1-", "2-", "11-", "-", "/", "/a", "/комната", ",", "12", "007", '"x"', "x"]
SOCKET_PARTS += [
    '["a"]',
    '["a",{"b":[1,2.5,null,true,"ж"]}]',
    "[]",
    "{}",
    '{"token":"t"}',
    '["connect"]',
    "[1]",
    "null",
    "[",
    " ",
]
SOCKET_PARTS += ['["a",{"_placeholder":true,"num":0}]', '["a",{"_placeholder":true,"num":1}]', '[{"_placeholder":true}]']


def mixed(parts: list[str], count: int) -> list[str]:
    chance = random.Random(1)
    return ["".join(chance.choices(parts, k=chance.randint(1, 5))) for _ in range(count)]


ENGINE = [*ENGINE_PARTS, "2probe", "4hello", "bAQIDBA==", *mixed(ENGINE_PARTS, 2000)]
SOCKET = [*(text.decode() for text, _ in ENVELOPES), *mixed(SOCKET_PARTS, 10_000)]
SOCKET = [text for text in SOCKET if text[0] != "4"]  # a CONNECT_ERROR from a client is not looked into
PAYLOADS = [
    [engineio.Packet(engineio.Kind.MESSAGE, b"hello"), engineio.Packet(engineio.Kind.MESSAGE, b"\x01\xff", binary=True)],
    [engineio.Packet(kind, "ж".encode()) for kind in engineio.Kind],
    [engineio.Packet(engineio.Kind.NOOP)],
]


def read_engine(text: str) -> Any:
    try:
        packet = engineio.decode(text.encode())
    except MalformedPacket:
        return None
    return [packet.kind.name.lower(), {"bytes": packet.data.hex()} if packet.binary else packet.data.decode()]


def shown(data: Any) -> Any:
    if isinstance(data, bytes):
        return {"bytes": data.hex()}
    if isinstance(data, list):
        return [shown(item) for item in data]
    return {key: shown(item) for key, item in data.items()} if isinstance(data, dict) else data


def read_socket(text: str) -> Any:
    """In Node's form, where a binary packet that is whole is a plain one."""
    kinds = socketio.Kind
    try:
        packet = socketio.decode(text.encode())
        attachments = [bytes([number]) for number in range(packet.attachments)]
        if packet.kind is kinds.CONNECT:
            data: Any = packet.auth() if packet.raw else None
        elif packet.kind in {kinds.CONNECT_ERROR, kinds.DISCONNECT}:
            data = None
        elif packet.kind in {kinds.EVENT, kinds.BINARY_EVENT}:
            name, args = packet.event(attachments)
            data = [name, *args]
        else:
            data = packet.answer(attachments)
    except MalformedPacket:
        return None
    plain = {kinds.BINARY_EVENT: kinds.EVENT, kinds.BINARY_ACK: kinds.ACK}.get(packet.kind, packet.kind)
    return {"type": int(plain), "nsp": packet.namespace, "id": packet.id, "data": shown(data)}


def stricter_on_purpose(text: str, node: dict[str, Any]) -> bool:
    """What Node's parser lets pass and we do not."""
    if node["type"] == socketio.Kind.EVENT:
        if node["data"] is None or not isinstance(node["data"][0], str):  # no payload, or a number for a name
            return True
    elif node["type"] == socketio.Kind.ACK and (node["id"] is None or node["data"] is None):
        return True
    if node["id"] is not None and node["id"] >= 10**15:
        return True
    # To JavaScript a blank is the number 0, and 00001 is 1; to us an id is digits, and two for attachments enough.
    return " " in text or (text[0] in "56" and len(text.partition("-")[0]) > 3)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, list[Any]]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: its parsers cannot be asked")
    for package in ("engine.io-parser", "socket.io-parser"):
        if not (JS / "node_modules" / package).is_dir():
            pytest.skip(f"{package} is not installed: run `npm ci` in {JS}")
    payloads = [
        [[kind.name.lower(), {"bytes": data.hex()} if binary else data.decode()] for kind, data, binary in packets]
        for packets in PAYLOADS
    ]
    asked = json.dumps({"engine": ENGINE, "socket": SOCKET, "payloads": payloads})
    told = subprocess.run([node, "parsers.mjs"], cwd=JS, input=asked, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(told.stdout)


def test_engineio_packets_are_read_as_node_reads_them(verdicts: dict[str, list[Any]]):
    for text, node in zip(ENGINE, verdicts["engine"], strict=True):
        ours = read_engine(text)
        if ours is None and text.startswith("b"):  # Node takes for base64 whatever it can of anything
            continue
        assert ours == node, text


def test_engineio_payloads_are_written_as_node_writes_them(verdicts: dict[str, list[Any]]):
    assert [engineio.encode_payload(packets).decode() for packets in PAYLOADS] == verdicts["payloads"]


def test_socketio_packets_are_read_as_node_reads_them(verdicts: dict[str, list[Any]]):
    read = 0
    for text, node in zip(SOCKET, verdicts["socket"], strict=True):
        ours = read_socket(text)
        if ours is None and node is not None and stricter_on_purpose(text, node):
            continue
        assert ours == node, text
        read += ours is not None
    assert read > 100


def test_engineio_packets_are_read_as_python_reads_them():
    packet = pytest.importorskip("engineio.packet", reason="python-engineio is not installed")
    for text in ENGINE:
        ours = read_engine(text)
        if ours is None or text[1:2].isnumeric():  # taken for numbers there, and refused
            continue
        theirs = packet.Packet(encoded_packet=text)
        kind, data = ours
        assert packet.packet_names[theirs.packet_type].lower() == kind
        if theirs.binary:
            assert {"bytes": theirs.data.hex()} == data
        else:
            assert (theirs.data or "") == (json.loads(data) if data == '{"sid":"x"}' else data)  # it parses what is JSON


def test_socketio_packets_are_read_as_python_reads_them():
    packet = pytest.importorskip("socketio.packet", reason="python-socketio is not installed")
    for text in SOCKET:
        ours = read_socket(text)
        if ours is None or "_placeholder" in text:
            continue
        theirs = packet.Packet(encoded_packet=text)
        assert (theirs.namespace or "/", theirs.id) == (ours["nsp"], ours["id"]), text
        assert theirs.data == ours["data"], text


def test_what_we_write_python_reads():
    packet = pytest.importorskip("socketio.packet", reason="python-socketio is not installed")
    args = [1, "ж", {"blob": b"\x01\x02"}, [b"\x03"]]
    message = socketio.encode_event("signal", args, "/socket", 7)
    theirs = packet.Packet(encoded_packet=message.text.decode())
    assert [theirs.add_attachment(data) for data in message.attachments] == [False, True]
    assert (theirs.packet_type, theirs.namespace, theirs.id) == (packet.BINARY_EVENT, "/socket", 7)
    assert theirs.data == ["signal", *args]
    engine = pytest.importorskip("engineio.payload", reason="python-engineio is not installed")
    written = engineio.encode_payload([engineio.Packet(engineio.Kind.MESSAGE, b"\x01\x02", binary=True)]).decode()
    [read] = engine.Payload(encoded_payload=written).packets
    assert read.data == base64.b64decode(written[1:]) == b"\x01\x02"
