"""RFC 6455 section 4.2: which requests open a WebSocket, and what the others are told."""

import pytest

from voice.wire.handshake import HandshakeRefused, accept_key

# RFC 6455 section 1.3
GOOD = {
    "Host": "server.example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def as_asgi(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"Upgrade": "WebSocket"},
        {"Upgrade": "h2c, websocket"},
        {"Connection": "keep-alive, upgrade"},
        {"Sec-WebSocket-Extensions": "permessage-deflate", "Sec-WebSocket-Protocol": "chat", "Origin": "https://evil.example"},
        {"Sec-WebSocket-Key": " dGhlIHNhbXBsZSBub25jZQ== "},
    ],
)
def test_a_handshake_is_accepted_as_a_mapping_and_as_a_list(change: dict[str, str]):
    headers = GOOD | change
    assert accept_key("GET", headers) == ACCEPT
    assert accept_key("GET", as_asgi(headers)) == ACCEPT


def test_connection_may_come_in_two_headers():
    headers = [*as_asgi(GOOD | {"Connection": "keep-alive"}), (b"connection", b"Upgrade")]
    assert accept_key("GET", headers) == ACCEPT


@pytest.mark.parametrize(
    ("change", "status", "headers"),
    [
        ({"Host": None}, 400, {}),
        ({"Upgrade": None}, 426, {"Upgrade": "websocket"}),
        ({"Upgrade": "h2c"}, 426, {"Upgrade": "websocket"}),
        ({"Connection": None}, 426, {"Upgrade": "websocket"}),
        ({"Connection": "keep-alive"}, 426, {"Upgrade": "websocket"}),
        ({"Sec-WebSocket-Version": None}, 426, {"Sec-WebSocket-Version": "13"}),
        ({"Sec-WebSocket-Version": "8"}, 426, {"Sec-WebSocket-Version": "13"}),
        ({"Sec-WebSocket-Key": None}, 400, {}),
        ({"Sec-WebSocket-Key": ""}, 400, {}),
        ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400, {}),
        ({"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ"}, 400, {}),
        ({"Sec-WebSocket-Key": "ключ"}, 400, {}),
    ],
)
def test_a_handshake_is_refused(change: dict[str, str | None], status: int, headers: dict[str, str]):
    offered = {name: value for name, value in (GOOD | change).items() if value is not None}
    with pytest.raises(HandshakeRefused) as refusal:
        accept_key("GET", offered)
    assert (refusal.value.status, refusal.value.headers) == (status, headers)
    assert str(refusal.value).startswith(f"{status} ")


def test_a_handshake_is_a_get_with_one_key():
    with pytest.raises(HandshakeRefused, match="400"):
        accept_key("POST", GOOD)
    with pytest.raises(HandshakeRefused, match="400"):
        accept_key("GET", [*as_asgi(GOOD), (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")])
