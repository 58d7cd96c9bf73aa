"""Sections 1 to 7, 9 and 10 of Autobahn's fuzzing client, as a table: each case whole, by TCP segments and byte by byte.

A server echoes what it reads and answers pings, so a case is told by the events of its stream and the code it fails with.
Compression (12, 13) is not negotiated. In 9.3 and 9.4 messages in small fragments are smaller than Autobahn's.
"""

from dataclasses import dataclass, field

import pytest

from tests.unit.voice.wire.frames import MAX_SIZE, TCP_SEGMENT, fragments, frame, pieces, read
from voice.wire.errors import ProtocolError
from voice.wire.websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Decoder, Event, close_status

K, M = 1024, 1024 * 1024
WRONG, NOT_UTF8 = 1002, 1007
BYTE_BY_BYTE = 70_000  # larger streams would take their time
HELLO, PAYLOAD = b"Hello, world!", b"payload"
KOSME = bytes.fromhex("cebae1bdb9cf83cebcceb5")
GREETING = "Hello-µ@ßöäüàá-UTF-8!!".encode()
BROKEN = KOSME + bytes.fromhex("eda080656469746564")


@dataclass
class Case:
    id: str
    stream: bytes
    events: list[Event] = field(default_factory=list)
    code: int | None = None
    chunk: int = 0  # how Autobahn cuts it


def message(id: str, opcode: int, data: bytes, chunk: int = 0) -> Case:
    return Case(id, frame(opcode, data), [(opcode, data)], chunk=chunk)


def end(code: int, reason: bytes = b"") -> bytes:
    return code.to_bytes(2, "big") + reason


def framing() -> list[Case]:
    sizes = [0, 125, 126, 127, 128, 65535, 65536, 65536]
    return [
        message(f"1.{kind}.{number}", opcode, byte * size, chunk=997 if number == 8 else 0)
        for kind, opcode, byte in [(1, TEXT, b"*"), (2, BINARY, b"\xfe")]
        for number, size in enumerate(sizes, 1)
    ]


def pings_and_pongs() -> list[Case]:
    binary, ten = bytes.fromhex("00fffefdfcfb00ff"), [b"payload-%d" % number for number in range(10)]
    all_ten = b"".join(frame(PING, data) for data in ten)
    return [
        message("2.1", PING, b""),
        message("2.2", PING, HELLO),
        message("2.3", PING, binary),
        message("2.4", PING, b"\xfe" * 125),
        Case("2.5", frame(PING, b"\xfe" * 126), code=WRONG),
        message("2.6", PING, b"\xfe" * 125, chunk=1),
        message("2.7", PONG, b""),
        message("2.8", PONG, b"unsolicited"),
        Case("2.9", frame(PONG, b"unsolicited") + frame(PING, b"ping"), [(PONG, b"unsolicited"), (PING, b"ping")]),
        Case("2.10", all_ten, [(PING, data) for data in ten]),
        Case("2.11", all_ten, [(PING, data) for data in ten], chunk=1),
    ]


def reserved_bits() -> list[Case]:
    def after_text(id: str, rsv: int, chunk: int) -> Case:
        stream = frame(TEXT, HELLO) + frame(TEXT, HELLO, rsv=rsv) + frame(PING)
        return Case(id, stream, [(TEXT, HELLO)], WRONG, chunk)

    return [
        Case("3.1", frame(TEXT, HELLO, rsv=1), code=WRONG),
        after_text("3.2", 2, 0),
        after_text("3.3", 3, 19),
        after_text("3.4", 4, 1),
        Case("3.5", frame(BINARY, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", rsv=5), code=WRONG),
        Case("3.6", frame(PING, HELLO, rsv=6), code=WRONG),
        Case("3.7", frame(CLOSE, end(1000), rsv=7), code=WRONG),
    ]


def opcodes() -> list[Case]:
    cases = []
    for kind, reserved in [("4.1", [3, 4, 5, 6, 7]), ("4.2", [11, 12, 13, 14, 15])]:
        for number, opcode in enumerate(reserved, 1):
            data = b"" if number in {1, 3} else PAYLOAD
            before, events = (frame(TEXT, HELLO), [(TEXT, HELLO)]) if number >= 3 else (b"", [])
            cases.append(Case(f"{kind}.{number}", before + frame(opcode, data) + frame(PING), events, WRONG))
    return cases


def fragmentation() -> list[Case]:
    first, last = frame(TEXT, b"fragment1", fin=False), frame(CONTINUATION, b"fragment2")
    whole = (TEXT, b"fragment1fragment2")
    ping, pinged = frame(PING, b"ping"), (PING, b"ping")
    dangling, dangling_end = frame(CONTINUATION, PAYLOAD, fin=False), frame(CONTINUATION, PAYLOAD)
    text = frame(TEXT, HELLO)
    five = [frame(TEXT if number == 1 else CONTINUATION, b"fragment%d" % number, fin=number == 5) for number in range(1, 6)]
    with_pings = five[0] + five[1] + frame(PING, b"pongme 1!") + five[2] + five[3] + frame(PING, b"pongme 2!") + five[4]
    five_events = [(PING, b"pongme 1!"), (PING, b"pongme 2!"), (TEXT, b"fragment1fragment2fragment3fragment4fragment5")]
    return [
        Case("5.1", frame(PING, b"fragment1", fin=False) + frame(CONTINUATION, b"fragment2"), code=WRONG),
        Case("5.2", frame(PONG, b"fragment1", fin=False) + frame(CONTINUATION, b"fragment2"), code=WRONG),
        Case("5.3", first + last, [whole]),
        Case("5.4", first + last, [whole], chunk=len(first)),
        Case("5.5", first + last, [whole], chunk=1),
        Case("5.6", first + ping + last, [pinged, whole]),
        Case("5.7", first + ping + last, [pinged, whole], chunk=len(first)),
        Case("5.8", first + ping + last, [pinged, whole], chunk=1),
        Case("5.9", dangling_end + text, code=WRONG),
        Case("5.10", dangling_end + text, code=WRONG, chunk=len(dangling_end)),
        Case("5.11", dangling_end + text, code=WRONG, chunk=1),
        Case("5.12", dangling + text, code=WRONG),
        Case("5.13", dangling + text, code=WRONG, chunk=len(dangling)),
        Case("5.14", dangling + text, code=WRONG, chunk=1),
        Case("5.15", first + last + dangling + text, [whole], WRONG),
        Case("5.16", 2 * (dangling + first + last), code=WRONG),
        Case("5.17", 2 * (dangling_end + first + last), code=WRONG),
        Case("5.18", first + frame(TEXT, b"fragment2"), code=WRONG),
        Case("5.19", with_pings, five_events),
        Case("5.20", with_pings, five_events, chunk=len(five[0])),
    ]


def utf8() -> list[Case]:
    empty = frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) + frame(CONTINUATION)
    filled = frame(TEXT, fin=False) + frame(CONTINUATION, b"middle frame payload", fin=False) + frame(CONTINUATION)
    two = frame(TEXT, GREETING[:12], fin=False) + frame(CONTINUATION, GREETING[12:])
    cases = [
        message("6.1.1", TEXT, b""),
        Case("6.1.2", empty, [(TEXT, b"")]),
        Case("6.1.3", filled, [(TEXT, b"middle frame payload")]),
        message("6.2.1", TEXT, GREETING),
        Case("6.2.2", two, [(TEXT, GREETING)]),
        Case("6.2.3", fragments(GREETING, 1), [(TEXT, GREETING)]),
        Case("6.2.4", fragments(KOSME, 1), [(TEXT, KOSME)]),
        Case("6.3.1", frame(TEXT, BROKEN), code=NOT_UTF8),
        Case("6.3.2", fragments(BROKEN, 1), code=NOT_UTF8),
    ]
    for section, (good, sequences) in enumerate(UTF8, 5):
        for number, sequence in enumerate(sequences, 1):
            valid = good if isinstance(good, bool) else number in good
            if valid:
                cases.append(message(f"6.{section}.{number}", TEXT, sequence))
            else:
                cases.append(Case(f"6.{section}.{number}", frame(TEXT, sequence), code=NOT_UTF8))
    return cases


def hexes(text: str) -> list[bytes]:
    return [bytes.fromhex(part) for part in text.split()]


TRUNCATED = hexes("c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf")
NONCHARACTERS = [
    bytes([lead, second, 0xBF, last])
    for lead in (0xF0, 0xF1, 0xF2, 0xF3, 0xF4)
    for second in (0x8F, 0x9F, 0xAF, 0xBF)
    for last in (0xBE, 0xBF)
    if (lead != 0xF0 or second != 0x8F) and (lead != 0xF4 or second == 0x8F)
]
# 6.5 to 6.23: whether the sequences are valid, or the numbers of those that are
UTF8: list[tuple[bool | set[int], list[bytes]]] = [
    (True, [b"hello" + middle + b"world" for middle in hexes("24 c2a2 e282ac f0a4ada2")] + [KOSME]),
    ({2, 5, 7, 9, 11}, [KOSME[:length] for length in range(1, len(KOSME) + 1)]),
    (True, hexes("00 c280 e0a080 f0908080")),
    (False, hexes("f888808080 fc8480808080")),
    (True, hexes("7f dfbf efbfbf f48fbfbf")),
    (False, hexes("f7bfbfbf fbbfbfbfbf fdbfbfbfbfbf")),
    ({1, 2, 3, 4}, hexes("ed9fbf ee8080 efbfbd f48fbfbf f4908080")),
    (False, [*hexes("80 bf 80bf 80bf80 80bf80bf 80bf80bf80 80bf80bf80bf"), bytes(range(0x80, 0xBF))]),
    (
        False,
        [
            b"".join(bytes([lead, 0x20]) for lead in range(first, last))
            for first, last in [(0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7), (0xF8, 0xFB), (0xFC, 0xFD)]
        ],
    ),
    (False, TRUNCATED),
    (False, [b"".join(TRUNCATED)]),
    (False, hexes("fe ff fefeffff")),
    (False, hexes("c0af e080af f08080af f8808080af fc80808080af")),
    (False, hexes("c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf")),
    (False, hexes("c080 e08080 f0808080 f880808080 fc8080808080")),
    (False, hexes("eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf")),
    (
        False,
        hexes("eda080edb080 eda080edbfbf edadbfedb080 edadbfedbfbf edae80edb080 edae80edbfbf edafbfedb080 edafbfedbfbf"),
    ),
    (True, [*hexes("efbfbe efbfbf"), *NONCHARACTERS]),
    (True, hexes("efbfb9 efbfba efbfbb efbfbc efbfbd efbfbe efbfbf")),
]


def closing() -> list[Case]:
    text, close = frame(TEXT, HELLO), frame(CLOSE, end(1000))
    closed = (CLOSE, end(1000))
    fragment = frame(TEXT, b"fragment1", fin=False), frame(CONTINUATION, b"fragment2")
    large = b"BAsd7&jh23" * (256 * K // 10)
    longest = b"*" * 123
    good, bad = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999], [0, 999, 1004, 1005, 1006]
    bad += [1016, 1100, 2000, 2999]
    return [
        Case("7.1.1", text + close, [(TEXT, HELLO), closed]),
        Case("7.1.2", close + close, [closed]),
        Case("7.1.3", close + frame(PING), [closed]),
        Case("7.1.4", close + text, [closed]),
        Case("7.1.5", fragment[0] + close + fragment[1], [closed]),
        Case("7.1.6", frame(TEXT, large) + text + close + frame(PING), [(TEXT, large), (TEXT, HELLO), closed]),
        Case("7.3.1", frame(CLOSE), [(CLOSE, b"")]),
        Case("7.3.2", frame(CLOSE, b"a"), code=WRONG),
        Case("7.3.3", close, [closed]),
        Case("7.3.4", frame(CLOSE, end(1000, HELLO)), [(CLOSE, end(1000, HELLO))]),
        Case("7.3.5", frame(CLOSE, end(1000, longest)), [(CLOSE, end(1000, longest))]),
        Case("7.3.6", frame(CLOSE, end(1000, longest + b"*")), code=WRONG),
        Case("7.5.1", frame(CLOSE, end(1000, BROKEN)), code=NOT_UTF8),
        *(Case(f"7.7.{number}", frame(CLOSE, end(code)), [(CLOSE, end(code))]) for number, code in enumerate(good, 1)),
        *(Case(f"7.9.{number}", frame(CLOSE, end(code)), code=WRONG) for number, code in enumerate(bad, 1)),
        Case("7.13.1", frame(CLOSE, end(5000)), code=WRONG),
        Case("7.13.2", frame(CLOSE, end(65535)), code=WRONG),
    ]


def large_messages() -> list[Case]:
    cases = []
    for kind, opcode, byte in [(0, TEXT, b"*"), (1, BINARY, b"\xfe")]:
        for number, size in enumerate([64 * K, 256 * K, M, 4 * M, 8 * M, 16 * M], 1):
            cases.append(message(f"9.{1 + kind}.{number}", opcode, byte * size))
        for number, size in enumerate([64, 256, K, 4 * K, 16 * K, 64 * K, 256 * K, M, 4 * M], 1):
            data = byte * (256 * K if size < 16 * K else 4 * M)
            cases.append(Case(f"9.{3 + kind}.{number}", fragments(data, size, opcode), [(opcode, data)]))
        for number, size in enumerate([64, 128, 256, 512, K, 2 * K], 1):
            cases.append(message(f"9.{5 + kind}.{number}", opcode, byte * M, chunk=size))
        for number, size in enumerate([0, 16, 64, 256, K, 4 * K], 1):
            data = byte * size
            cases.append(Case(f"9.{7 + kind}.{number}", 1000 * frame(opcode, data), 1000 * [(opcode, data)]))
    return cases


def automatic_fragments() -> list[Case]:
    data = b"*" * 65536
    return [Case("10.1.1", fragments(data, 1300), [(TEXT, data)])]


CASES = [
    *framing(),
    *pings_and_pongs(),
    *reserved_bits(),
    *opcodes(),
    *fragmentation(),
    *utf8(),
    *closing(),
    *large_messages(),
    *automatic_fragments(),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case):
    expected = case.events, case.code
    assert read([case.stream]) == expected
    small = len(case.stream) <= BYTE_BY_BYTE
    assert read(pieces(case.stream, 1 if small else TCP_SEGMENT)) == expected
    if case.chunk:
        assert read(pieces(case.stream, case.chunk)) == expected


def test_no_case_is_missing():
    counts: dict[str, int] = {}
    for case in CASES:
        section = case.id.rpartition(".")[0]
        counts[section] = counts.get(section, 0) + 1
    assert counts == {
        **{"1.1": 8, "1.2": 8, "2": 11, "3": 7, "4.1": 5, "4.2": 5, "5": 20, "6.1": 3, "6.2": 4, "6.3": 2},
        **{"6.5": 5, "6.6": 11, "6.7": 4, "6.8": 2, "6.9": 4, "6.10": 3, "6.11": 5, "6.12": 8, "6.13": 5, "6.14": 10},
        **{"6.15": 1, "6.16": 3, "6.17": 5, "6.18": 5, "6.19": 5, "6.20": 7, "6.21": 8, "6.22": 34, "6.23": 7},
        **{"7.1": 6, "7.3": 6, "7.5": 1, "7.7": 13, "7.9": 9, "7.13": 2},
        **{"9.1": 6, "9.2": 6, "9.3": 9, "9.4": 9, "9.5": 6, "9.6": 6, "9.7": 6, "9.8": 6, "10.1": 1},
    }


OUT_OF_RANGE = KOSME + bytes.fromhex("f4908080656469746564")
PARTS = {"on the character": (11, 15), "within the character": (12, 13)}


@pytest.mark.parametrize(
    ("id", "cuts", "in_frames"),
    [
        ("6.4.1", PARTS["on the character"], True),
        ("6.4.2", PARTS["within the character"], True),
        ("6.4.3", PARTS["on the character"], False),
        ("6.4.4", PARTS["within the character"], False),
    ],
)
def test_bad_utf8_fails_fast(id: str, cuts: tuple[int, int], in_frames: bool):
    """6.4: the second of three parts holds what no text can begin with, and the third is not waited for."""
    one, two, _ = OUT_OF_RANGE[: cuts[0]], OUT_OF_RANGE[cuts[0] : cuts[1]], OUT_OF_RANGE[cuts[1] :]
    if in_frames:
        first, second = frame(TEXT, one, fin=False), frame(CONTINUATION, two, fin=False)
    else:
        stream = frame(TEXT, OUT_OF_RANGE)
        begin = len(stream) - len(OUT_OF_RANGE)
        first, second = stream[: begin + cuts[0]], stream[begin + cuts[0] : begin + cuts[1]]
    decoder = Decoder(MAX_SIZE)
    assert list(decoder.receive(first)) == []
    with pytest.raises(ProtocolError) as failure:
        list(decoder.receive(second))
    assert failure.value.code == NOT_UTF8


def test_a_close_tells_its_code_and_reason():
    assert close_status(b"") == (1005, "")
    assert close_status(end(4000, "пока".encode())) == (4000, "пока")
