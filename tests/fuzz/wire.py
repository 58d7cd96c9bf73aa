"""WebSocket frames and handshakes, Engine.IO, Socket.IO, RESP: what is read is read alike in any pieces, and bounded."""

from contextlib import suppress
from itertools import chain

from tests.fuzz.draw import Draw, pieces
from tests.unit.voice.wire.frames import frame
from voice.wire import engineio, resp, socketio, websocket
from voice.wire.client import AckCame, Client, ConnectAsked, EventCame, HangUp, Say, TooManyAcks
from voice.wire.client import Left as NamespaceLeft
from voice.wire.errors import MalformedPacket, MalformedReply, ProtocolError
from voice.wire.handshake import HandshakeRefused, accept_key
from voice.wire.session import Closed, Hang, Receive, Respond, Session, Write

MOST = 200
"""Bytes that a message may have here: small, so that its bound is reached."""


def websocket_frames(data: bytes) -> None:
    draw = Draw(data)
    sizes = draw.number(256), draw.number(4)
    stream = draw.rest()
    whole = _websocket([stream])
    for size in sizes:
        assert _websocket(list(pieces(stream, size))) == whole
    events, code = whole
    assert code in {None, websocket.PROTOCOL_ERROR, websocket.INVALID_DATA, websocket.TOO_BIG}
    for place, (opcode, said) in enumerate(events):
        assert len(said) <= (MOST if opcode in {websocket.TEXT, websocket.BINARY} else websocket.MAX_CONTROL)
        if opcode == websocket.TEXT:
            said.decode()
        if opcode == websocket.CLOSE:
            assert place == len(events) - 1
            code, reason = websocket.close_status(said)
            assert websocket.close_frame(code, reason)[2:] == said
    said_again = b"".join(frame(opcode, said) for opcode, said in events)
    assert _websocket([said_again]) == (events, None)


def _websocket(chunks: list[bytes]) -> tuple[list[websocket.Event], int | None]:
    decoder, events = websocket.Decoder(MOST), []
    try:
        for event in chain.from_iterable(map(decoder.receive, chunks)):
            events.append(event)
            assert len(decoder._message) <= MOST
            assert len(decoder._rest) < 14
    except ProtocolError as error:
        assert list(decoder.receive(b"\x81\x80\0\0\0\0")) == []
        return events, error.code
    return events, None


def websocket_handshake(data: bytes) -> None:
    """A request's headers, one a line."""
    first, *lines = data.split(b"\n")
    headers = [(name, value) for name, _, value in (line.partition(b":") for line in lines)]
    with suppress(HandshakeRefused):
        assert len(accept_key(first.decode("latin-1"), headers)) == 28


def engineio_payload(data: bytes) -> None:
    try:
        packets = engineio.decode_payload(data)
    except MalformedPacket:
        return
    assert 0 < len(packets) <= engineio.MAX_PACKETS
    assert engineio.decode_payload(engineio.encode_payload(packets)) == packets
    for packet in packets:
        if not packet.binary:
            assert engineio.decode(engineio.encode(packet)) == packet


SETTINGS = engineio.Settings(ping_interval=0.3, ping_timeout=0.2, max_payload=1000, max_outbox_packets=20, max_outbox_bytes=100)


def engineio_session(data: bytes) -> None:
    """Polls, posts, sockets and time in any order. A request is answered at most once; what is over says nothing more."""
    draw = Draw(data)
    transport = draw.one(list(engineio.Transport))
    session, now, closed = Session("sid", transport, SETTINGS, 0.0), 0.0, False
    waiting: set[int] = set()
    sockets: set[int] = set()

    def carried_out(effects: list[object]) -> None:
        nonlocal closed
        for effect in effects:
            match effect:
                case Respond(request, response):
                    waiting.remove(request)
                    assert response.status in {200, 400, 413}
                case Write(socket, _, _):
                    assert socket in sockets
                case Hang(socket):
                    sockets.remove(socket)
                case Receive():
                    assert not closed
                case Closed():
                    assert not closed
                    closed = True

    if transport is engineio.Transport.WEBSOCKET:
        sockets.add(0)
        carried_out(session.attach(0))
    else:
        waiting.add(0)
        carried_out(session.poll(0, now))
    number = 0
    while draw.more:
        number += 1
        act = draw.number(9)
        socket = sorted(sockets)[draw.number(len(sockets))] if sockets else -1
        if act == 0:
            waiting.add(number)
            carried_out(session.poll(number, now))
        elif act == 1:
            waiting.add(number)
            carried_out(session.post(number, draw.piece(), now))
            assert number not in waiting
        elif act == 2:
            sockets.add(number)
            carried_out(session.upgrade(number, now))
        elif act == 3:
            binary = bool(draw.number(2))
            said = draw.piece() if binary else draw.piece().decode("utf-8", "ignore").encode()
            carried_out(session.receive(socket, said, binary, now))
        elif act == 4 and sockets:
            sockets.remove(socket)
            carried_out(session.lost(socket))
        elif act == 5:
            carried_out(session.send(draw.piece(), binary=bool(draw.number(2))))
        elif act == 6:
            now += draw.number(256) / 100
            carried_out(session.tick(now))
        elif act == 7:
            carried_out(session.close(now))
        elif act == 8 and waiting:
            request = min(waiting)
            waiting.remove(request)
            carried_out(session.poll_lost(request))
        assert len(waiting) <= 1
        assert session.closed is closed
        assert session.backlog <= 100
        assert not (closed and (waiting or sockets or session.next_due))


def socketio_packet(data: bytes) -> None:
    text = data.decode("utf-8", "ignore").encode()
    try:
        packet = socketio.decode(text)
        attachments = [b"\x01"] * packet.attachments
        if packet.kind is socketio.Kind.CONNECT:
            packet.auth()
        elif packet.kind in {socketio.Kind.EVENT, socketio.Kind.BINARY_EVENT}:
            name, args = packet.event(attachments)
            if name:
                _said_again(packet, socketio.encode_event(name, args, packet.namespace, packet.id), [name, *args])
        elif packet.kind in {socketio.Kind.ACK, socketio.Kind.BINARY_ACK}:
            args = packet.answer(attachments)
            assert packet.id is not None
            _said_again(packet, socketio.encode_ack(args, packet.namespace, packet.id), args)
    except MalformedPacket:
        pass
    except TypeError:  # 1024 levels can be read, 254 written
        assert text.count(b"[") + text.count(b"{") > 250


def _said_again(packet: socketio.Packet, message: socketio.Message, expected: list[object]) -> None:
    again = socketio.decode(message.text)
    assert (again.namespace, again.id, again.attachments) == (packet.namespace, packet.id, len(message.attachments))
    if again.attachments > socketio.MAX_ATTACHMENTS:
        return
    if again.kind in {socketio.Kind.EVENT, socketio.Kind.BINARY_EVENT}:
        name, args = again.event(message.attachments)
        assert [name, *args] == expected
    else:
        assert again.answer(message.attachments) == expected


def socketio_client(data: bytes) -> None:
    """A client's messages, texts and binaries, and what the server answers between them."""
    draw = Draw(data)
    client, now, over = Client({"/", "/socket"}, MOST, 0.0, 1.0, b"4"), 0.0, False
    inside: set[str] = set()
    while draw.more:
        act = draw.number(8)
        if act < 4:
            text = draw.piece().decode("utf-8", "ignore").encode()
            plain = client.receive_plain(b"4" + text)
            news = client.receive_text(b"4" + text, now, 1)
            if plain is not None:
                assert news == [plain], "the short way says what the long one would"
        elif act == 4:
            news = client.receive_binary(draw.piece(), now)
        elif act == 5:
            try:
                _, message = client.ask(draw.one(["/", "/socket"]), "ask", [1])
                assert message.text
            except TooManyAcks:
                assert len(client._pending) == 1024
            news = []
        elif act == 6:
            namespace = draw.one(["/", "/socket"])
            news = client.disconnect(namespace, now)
            inside -= {namespace} if news else set()
        else:
            now += draw.number(8) / 4
            news = client.tick(now)
        for one in news:
            assert not over
            match one:
                case ConnectAsked(namespace):
                    if draw.number(3):
                        assert client.accept(namespace, "sid")
                        inside.add(namespace)
                    else:
                        assert client.refuse(namespace, "no", now)
                case EventCame(namespace, name):
                    assert namespace in inside
                    assert name not in socketio.RESERVED
                case AckCame(namespace):
                    assert namespace in inside
                case NamespaceLeft(namespace):
                    inside.discard(namespace)
                case Say():
                    pass
                case HangUp():
                    over = True
        assert set(client.namespaces) == inside
        assert sum(map(len, client._attachments)) <= MOST


def resp_replies(data: bytes) -> None:
    draw = Draw(data)
    sizes = draw.number(256), draw.number(4) + 1
    stream = draw.rest()
    whole = _resp([stream])
    for size in sizes:
        cut = _resp(list(pieces(stream, size)))
        assert cut == whole or MalformedReply in {cut[1], whole[1]}, "how it is cut changes at most when it is too big"
        assert cut[0][: len(whole[0])] == whole[0][: len(cut[0])]
    words = [event.payload for event in whole[0] if isinstance(event, resp.Message)]
    assert _resp([resp.command(*words)]) == ([words], None)


def _resp(chunks: list[bytes]) -> tuple[list[resp.Event], type[Exception] | None]:
    decoder, events = resp.Decoder(MOST), []
    try:
        for chunk in chunks:
            events += decoder.receive(chunk)
            assert len(decoder._rest) <= MOST + len(chunk)
    except MalformedReply as error:
        return events, type(error)
    return events, None
