from struct import error

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.turn.messages import ROWS, TRANSACTION, VALUES
from turn.protocol import attributes as rows
from turn.protocol.attributes import AddressErrorCode, ErrorCode, Icmp, PasswordAlgorithm
from turn.words import Address, Family

IPV4 = Address.of("192.0.2.1", 32853)
IPV6 = Address.of("2001:db8:1234:5678:11:2233:4455:6677", 32853)
REFUSED = (ValueError, OverflowError, error)

WRITTEN = [
    (rows.MAPPED_ADDRESS, IPV4, "0001 8055 c0000201"),
    (rows.MAPPED_ADDRESS, IPV6, "0002 8055 20010db8123456780011223344556677"),
    (rows.XOR_PEER_ADDRESS, IPV4, "0001 a147 e112a643"),
    (rows.ALTERNATE_SERVER, IPV4, "0001 8055 c0000201"),
    (rows.USERNAME, "1763750000:42", b"1763750000:42".hex()),
    (rows.REALM, "кухня", "кухня".encode().hex()),
    (rows.ERROR_CODE, ErrorCode(438, "Stale Nonce"), "00000426" + b"Stale Nonce".hex()),
    (rows.ERROR_CODE, ErrorCode(300, ""), "00000300"),
    (rows.ERROR_CODE, ErrorCode(699, ""), "00000663"),
    (rows.ADDRESS_ERROR_CODE, AddressErrorCode(Family.IPV6, 440, "no"), "02000428 6e6f"),
    (rows.UNKNOWN_ATTRIBUTES, (0x0030, 0x7FFF), "0030 7fff"),
    (rows.UNKNOWN_ATTRIBUTES, (), ""),
    (rows.CHANNEL_NUMBER, 0x4001, "4001 0000"),
    (rows.LIFETIME, 600, "00000258"),
    (rows.REQUESTED_TRANSPORT, 17, "11000000"),
    (rows.REQUESTED_ADDRESS_FAMILY, Family.IPV6, "02000000"),
    (rows.ADDITIONAL_ADDRESS_FAMILY, Family.IPV6, "02000000"),
    (rows.EVEN_PORT, True, "80"),
    (rows.EVEN_PORT, False, "00"),
    (rows.DONT_FRAGMENT, True, ""),
    (rows.RESERVATION_TOKEN, b"12345678", b"12345678".hex()),
    (rows.ICMP, Icmp(3, 4, bytes.fromhex("00000578")), "0000 0604 00000578"),
    (rows.PASSWORD_ALGORITHM, PasswordAlgorithm(2), "00020000"),
    (rows.PASSWORD_ALGORITHMS, (PasswordAlgorithm(2), PasswordAlgorithm(1)), "00020000 00010000"),
    (rows.PASSWORD_ALGORITHMS, (PasswordAlgorithm(9, b"abc"), PasswordAlgorithm(1)), "00090003 61626300 00010000"),
    (rows.CONNECTION_ID, 7, "00000007"),
    (rows.FINGERPRINT, 0xE57A3BCF, "e57a3bcf"),
    (rows.DATA, b"", ""),
]


@pytest.mark.parametrize(("attribute", "value", "octets"), WRITTEN, ids=str)
def test_values_on_the_wire(attribute, value, octets):
    assert attribute.write(value, TRANSACTION) == bytes.fromhex(octets)
    assert attribute.read(bytes.fromhex(octets), TRANSACTION) == value


@pytest.mark.parametrize("attribute", ROWS, ids=str)
@given(data=st.data())
def test_each_value_written_is_read(attribute, data):
    value = data.draw(VALUES[attribute])
    assert attribute.read(attribute.write(value, TRANSACTION), TRANSACTION) == value


@pytest.mark.parametrize("attribute", ROWS, ids=str)
@given(octets=st.binary(max_size=40))
def test_any_value_is_read_or_refused(attribute, octets):
    try:
        value = attribute.read(octets, TRANSACTION)
    except REFUSED:
        return
    assert attribute.read(attribute.write(value, TRANSACTION), TRANSACTION) == value


def test_no_number_and_no_name_is_used_twice():
    assert len({row.number for row in ROWS}) == len({row.name for row in ROWS}) == len(ROWS)
    assert all(name == row.name.replace("-", "_") for name, row in vars(rows).items() if row in ROWS)


def test_a_row_is_shown_by_its_name():
    assert repr(rows.LIFETIME) == "LIFETIME"


@pytest.mark.parametrize(("attribute", "octets"), [
    (rows.LIFETIME, ""),
    (rows.LIFETIME, "0258"),
    (rows.LIFETIME, "0000025800"),
    (rows.CHANNEL_NUMBER, "4001"),
    (rows.REQUESTED_TRANSPORT, "11"),
    (rows.EVEN_PORT, ""),
    (rows.EVEN_PORT, "80000000"),
    (rows.DONT_FRAGMENT, "00"),
    (rows.RESERVATION_TOKEN, "00000000000000"),
    (rows.USERHASH, "00" * 31),
    (rows.MESSAGE_INTEGRITY, "00" * 16),
    (rows.MESSAGE_INTEGRITY_SHA256, "00" * 12),
    (rows.MESSAGE_INTEGRITY_SHA256, "00" * 18),
    (rows.MESSAGE_INTEGRITY_SHA256, "00" * 36),
    (rows.XOR_PEER_ADDRESS, ""),
    (rows.XOR_PEER_ADDRESS, "0001a147"),
    (rows.XOR_PEER_ADDRESS, "0001a147e112a6"),
    (rows.XOR_PEER_ADDRESS, "0001a147e112a64300"),
    (rows.XOR_PEER_ADDRESS, "0002a147e112a643"),
    (rows.XOR_PEER_ADDRESS, "0003a147e112a643"),
    (rows.XOR_PEER_ADDRESS, "0000a147e112a643"),
    (rows.ERROR_CODE, "000004"),
    (rows.ERROR_CODE, "00000263"),
    (rows.ERROR_CODE, "00000700"),
    (rows.ERROR_CODE, "00000464"),
    (rows.ERROR_CODE, "00000400ff"),
    (rows.UNKNOWN_ATTRIBUTES, "003000"),
    (rows.ICMP, "0000060400"),
    (rows.PASSWORD_ALGORITHM, ""),
    (rows.PASSWORD_ALGORITHM, "0002000000010000"),
    (rows.PASSWORD_ALGORITHM, "000200"),
    (rows.PASSWORD_ALGORITHMS, "0002000161"),
    (rows.PASSWORD_ALGORITHMS, "00020004"),
    (rows.USERNAME, "c3"),
    (rows.USERNAME, "eda080"),
    (rows.USERNAME, "61" * 509),
    (rows.REALM, "61" * 128),
    (rows.ALTERNATE_DOMAIN, "61" * 256),
])  # fmt: skip
def test_a_value_of_another_shape_is_refused(attribute, octets):
    with pytest.raises(REFUSED):
        attribute.read(bytes.fromhex(octets), TRANSACTION)


@pytest.mark.parametrize(("attribute", "octets", "value"), [
    (rows.CHANNEL_NUMBER, "4001ffff", 0x4001),
    (rows.REQUESTED_TRANSPORT, "11ffffff", 17),
    (rows.REQUESTED_ADDRESS_FAMILY, "01ffffff", 1),
    (rows.EVEN_PORT, "ff", True),
    (rows.EVEN_PORT, "7f", False),
    (rows.MAPPED_ADDRESS, "ff018055c0000201", IPV4),
    (rows.ERROR_CODE, "fffffc01", ErrorCode(401, "")),
])  # fmt: skip
def test_reserved_bits_are_not_looked_at(attribute, octets, value):
    assert attribute.read(bytes.fromhex(octets), TRANSACTION) == value


@pytest.mark.parametrize(("attribute", "value"), [
    (rows.LIFETIME, 2**32),
    (rows.CHANNEL_NUMBER, 0x10000),
    (rows.REQUESTED_TRANSPORT, 256),
    (rows.ERROR_CODE, ErrorCode(299, "")),
    (rows.ERROR_CODE, ErrorCode(700, "")),
    (rows.ERROR_CODE, ErrorCode(400, "x" * 128)),
    (rows.ADDRESS_ERROR_CODE, AddressErrorCode(256, 440, "")),
    (rows.UNKNOWN_ATTRIBUTES, (0x10000,)),
    (rows.ICMP, Icmp(128, 0, bytes(4))),
    (rows.ICMP, Icmp(3, 512, bytes(4))),
    (rows.ICMP, Icmp(3, 4, bytes(3))),
    (rows.PASSWORD_ALGORITHM, PasswordAlgorithm(0x10000)),
    (rows.USERNAME, "ы" * 255),
    (rows.REALM, "\ud800"),
    (rows.RESERVATION_TOKEN, bytes(7)),
])  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(attribute, value):
    with pytest.raises(REFUSED):
        attribute.write(value, TRANSACTION)


def test_text_is_counted_in_characters_and_in_octets():
    assert rows.REALM.read(("ы" * 127).encode(), TRANSACTION) == "ы" * 127
    assert rows.USERNAME.read(("ы" * 254).encode(), TRANSACTION) == "ы" * 254


def test_only_ipv6_depends_on_the_transaction():
    other = bytes(12)
    write = rows.XOR_MAPPED_ADDRESS.write
    assert write(IPV4, TRANSACTION) == write(IPV4, other)
    assert write(IPV6, TRANSACTION) != write(IPV6, other)
    assert rows.XOR_MAPPED_ADDRESS.read(write(IPV6, TRANSACTION), TRANSACTION) == IPV6
