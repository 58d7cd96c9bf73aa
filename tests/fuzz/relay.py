"""STUN, ChannelData and TURN: codecs, streams, the server, and the C data path beside the Python one."""

from itertools import chain

from tests.fuzz.draw import Draw, pieces
from tests.fuzz.plane import Seen, c_plane
from tests.unit.turn.shell import Shell
from tests.unit.turn.world import OTHER_PEER, OUR4, PEER, PEER6, Person, at, client, server
from turn.plane import indications
from turn.plane.base import LONGEST_CONTROL
from turn.plane.streams import Garbage, _frame_at
from turn.protocol import attributes as a
from turn.protocol import channel_data
from turn.protocol.attributes import Attribute
from turn.protocol.integrity import Key, verify
from turn.protocol.stun import BadAttribute, Kind, MalformedMessage, Message, Method, decode, encode
from turn.words import Address, Effect, Listen, Open, Transport

ROWS: list[Attribute] = [row for row in vars(a).values() if isinstance(row, Attribute)]
SEALS = frozenset({a.MESSAGE_INTEGRITY.number, a.MESSAGE_INTEGRITY_SHA256.number, a.FINGERPRINT.number})
TRANSACTION = bytes(range(12))
LONGEST = 4 + 0xFFFF + 1
PEERS = [PEER, OTHER_PEER, PEER6, Address(OUR4, 50003), Address.of("127.0.0.1", 1), Address.of("::ffff:10.0.0.1", 5)]


def raw(number: int) -> Attribute:
    """Of any number, holding any bytes."""
    return Attribute(number, "RAW", lambda value, _: value, lambda value, _: value)


def mended(data: bytes) -> bytes:
    """What a fuzzer will not guess: the cookie, the length, and on request a FINGERPRINT or a protected message."""
    draw = Draw(data)
    way = draw.number(4)
    if way == 0:
        return draw.rest()
    kind, number = draw.one(list(Kind)), draw.number(16)
    attributes = []
    while draw.more:
        row = ROWS[index] if (index := draw.number(256)) < len(ROWS) else raw(int.from_bytes(draw.take(2), "big"))
        attributes.append((raw(row.number), draw.take(draw.number(64))))
    return encode(
        number, kind, TRANSACTION, attributes, fingerprint=way == 2, integrity=Key(b"key", True) if way == 3 else None
    )


def stun(data: bytes) -> None:
    data = mended(data)
    try:
        message = decode(data)
    except MalformedMessage:
        return
    for row in ROWS:
        try:
            value = message.get(row)
            assert message.all(row)[:1] == ([] if value is None else [value])
        except BadAttribute:
            continue
        if value is not None:
            written = encode(message.method, message.kind, message.transaction_id, [(row, value)])
            assert row is a.FINGERPRINT or decode(written).get(row) == value
    assert not verify(message, b"another key")
    same = [(raw(number), value) for number, value in message.attributes if number not in SEALS]
    key = Key(b"a key", sha256=bool(message.transaction_id[0] & 1))
    again = decode(encode(message.method, message.kind, message.transaction_id, same, integrity=key, fingerprint=True))
    assert verify(again, key.secret)
    assert [(number, value) for number, value in again.attributes if number not in SEALS] == [(r.number, v) for r, v in same]


def frames(data: bytes) -> None:
    """A stream: cut alike however it comes in pieces; the two data paths and the codec cut it alike."""
    draw = Draw(data)
    size, stream = draw.number(256), draw.rest()
    whole = _framed([stream])
    assert _framed(list(pieces(stream, size))) == whole
    for frame in whole[0]:
        if frame[0] >> 6 == 1:
            number, said = channel_data.decode(frame)
            assert channel_data.encode(number, said, padded=True)[: 4 + len(said)] == frame[: 4 + len(said)]
    at = 0
    for frame in [*whole[0], b""]:
        rest = memoryview(stream)[at:]
        python = _cut(rest)
        if (compiled := c_plane()) is not None:
            told = compiled.frame(bytes(rest))
            assert told == python or ((told, python) == (0, -1) and len(rest) < 8), "C looks at the cookie once it is whole"
        if len(frame) > LONGEST_CONTROL and frame[0] >> 6 == 0 and frame[:2] != b"\0\x16":
            assert python == -1
            return
        assert python == (len(frame) or python)
        at += len(frame)
    assert python <= 0
    assert python == 0 or whole[1] or len(rest) < 4 or rest[0] >> 6 == 0, "garbage here is garbage there"


def _cut(rest: memoryview) -> int:
    """As `frame_size` in C tells it."""
    try:
        found = _frame_at(rest, 0)
    except Garbage:
        return -1
    return found[1] if found else 0


def _framed(chunks: list[bytes]) -> tuple[list[bytes], bool]:
    framer, cut = channel_data.Framer(LONGEST), []
    try:
        for frame in chain.from_iterable(map(framer.feed, chunks)):
            cut.append(frame)
            assert len(frame) <= LONGEST
    except channel_data.MalformedFrame:
        return cut, True
    return cut, False


def send_indications(data: bytes) -> None:
    """A datagram: read alike by the codec, by the portable data path and by the one in C."""
    message = mended(data)
    view = memoryview(message)
    python = indications.is_message(view) and (len(message) <= LONGEST_CONTROL or message[:2] == b"\0\x16")
    compiled = c_plane()
    assert compiled is None or compiled.is_message(message) is python
    if not python:
        return
    sending = indications.read_send(view)
    seen = None
    if sending is not None:
        peer = indications.address_of(sending.peer)
        seen = Seen(peer.host, peer.port, bytes(sending.data), sending.whole)
    assert seen == _by_codec(message)
    if compiled is not None and not (seen and seen.host[:8] == b"\xff" * 8):  # which C keeps for IPv4; it is multicast
        assert compiled.indication(message) == seen


def _by_codec(data: bytes) -> Seen | None:
    try:
        message: Message = decode(data)
        peer, said = message.get(a.XOR_PEER_ADDRESS), message.get(a.DATA)
    except (MalformedMessage, BadAttribute):
        return None
    if message.unknown(indications.KNOWN) or peer is None or said is None:
        return None
    return Seen(peer.host, peer.port, said, any(number == a.DONT_FRAGMENT.number for number, _ in message.attributes))


METHODS = [*Method, 0x0FF]
SAID = [
    *((a.XOR_PEER_ADDRESS, peer) for peer in PEERS),
    *((a.CHANNEL_NUMBER, number) for number in (0x3FFF, 0x4000, 0x4001, 0x4FFF, 0x5000)),
    *((a.LIFETIME, seconds) for seconds in (0, 1, 600, 2**32 - 1)),
    *((a.REQUESTED_TRANSPORT, transport) for transport in (6, 17, 18)),
    *((row, family) for row in (a.REQUESTED_ADDRESS_FAMILY, a.ADDITIONAL_ADDRESS_FAMILY) for family in (1, 2, 3)),
    (a.EVEN_PORT, True),
    (a.EVEN_PORT, False),
    (a.DONT_FRAGMENT, True),
    (a.RESERVATION_TOKEN, (1).to_bytes(8, "big")),
    (a.CONNECTION_ID, 1),
    (a.MOBILITY_TICKET, b""),
]


def turn_server(data: bytes) -> None:
    """Requests of four people, protected or not, with time, peers and ends between: what stands around it keeps up."""
    draw = Draw(data)
    relay = server(ports=range(50000, 50008), allocations_per_user=2, permissions=2, channels=2, tcp_relay=True, connections=2)
    over = [Transport.UDP, Transport.UDP, Transport.TCP, Transport.TLS]
    people = [Person(relay, client(port=4000 + n, transport=over[n]), user=str(n % 2)) for n in range(4)]
    shell, seconds = Shell(), 0.0

    def carried_out(effects: list[Effect]) -> None:
        while effects and isinstance(opening := effects[-1], Open | Listen) and not draw.number(4) and draw.more:
            shell.carry_out(effects[:-1])
            shell.held -= set(opening.relays)
            shell.bound -= set(opening.relays)
            effects = relay.unavailable(opening.allocation, opening.relays[0], at(seconds))
        shell.carry_out(effects)

    while draw.more:
        act, person = draw.number(12), draw.one(people)
        person.seconds = seconds
        if act == 0:
            carried_out(relay.receive(mended(draw.piece()), person.client, at(seconds)))
        elif act < 7:
            method, said = draw.one(METHODS), [draw.one(SAID) for _ in range(draw.number(4))]
            if draw.number(8) == 7:
                said.append((raw(draw.one(ROWS).number), draw.take(draw.number(40))))
            person.nonce = None
            asked = person.raw(method, [], kind=Kind.REQUEST)
            carried_out(asked)
            person.nonce = next((decode(e.data).get(a.NONCE) for e in asked if hasattr(e, "data")), None) or ""
            carried_out(person.raw(method, [*said, *person.credentials()], integrity=person.key))
        elif act == 7:
            seconds = min(seconds + draw.one([1, 29, 31, 299, 601]), 3500)
            carried_out(relay.expire(at(seconds)))
        elif act == 8:
            carried_out(relay.hung_up(person.client, at(seconds)))
        elif act == 9 and shell.connections:
            number = draw.one(sorted(shell.connections))
            if number in shell.asked and draw.number(2):
                shell.connected(number)
                carried_out(relay.connections.connected(number, at(seconds)))
            else:
                shell.disconnected(number)
                carried_out(relay.connections.over(number))
        elif act == 10 and (allocations := [each.number for each in relay.allocations if each.tcp]):
            number, effects = relay.connections.attempted(draw.one(allocations), draw.one(PEERS), at(seconds))
            shell.standing |= set() if number is None else {number}
            carried_out(effects)
        elif act == 11:
            carried_out(relay.cut(draw.one("01"), at(seconds)))
            relay._authentication._cut.clear()
        shell.agrees_with(relay)
