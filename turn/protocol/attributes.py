"""What a STUN message can say: one row per attribute. Values become Python's, their lengths and ranges are checked.

A row reads what strangers send: ValueError for a value that is not as its RFC says. Bits that an RFC reserves are not looked
at, and are zero when written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Generic, NamedTuple, TypeVar

from turn.words import Address, Family

MAGIC_COOKIE = 0x2112A442
"""RFC 8489 section 5: in each message, and mixed into the addresses, so that no NAT finds one to rewrite."""

T = TypeVar("T")


class Codec(NamedTuple, Generic[T]):
    """Bytes to value and back. Both take the transaction id, which IPv6 addresses are mixed with."""

    read: Callable[[bytes, bytes], T]
    write: Callable[[T, bytes], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Attribute(Generic[T]):
    """`read` and `write` raise ValueError, OverflowError or struct.error; `stun` makes one exception of each three."""

    number: int
    name: str
    read: Callable[[bytes, bytes], T]
    write: Callable[[T, bytes], bytes]

    def __repr__(self) -> str:
        return self.name


class ErrorCode(NamedTuple):
    """300 to 699, and a reason for people."""

    code: int
    reason: str


class AddressErrorCode(NamedTuple):
    """Why there is no relay of this family, while there is one of the other."""

    family: int
    code: int
    reason: str


class Icmp(NamedTuple):
    """What came back instead of a peer's answer."""

    type: int
    code: int
    data: bytes
    """4 bytes, for "too big" the MTU."""


class PasswordAlgorithm(NamedTuple):
    """A number of `integrity.Algorithm`, or one that we do not know."""

    number: int
    parameters: bytes = b""


def _sized(value: bytes, size: int) -> bytes:
    if len(value) != size:
        raise ValueError(f"{len(value)} bytes instead of {size}")
    return value


def _number(size: int, unused: int = 0) -> Codec[int]:
    """An unsigned number of `size` bytes, and `unused` bytes behind it."""
    padding = bytes(unused)

    def read(value: bytes, _: bytes) -> int:
        return int.from_bytes(_sized(value, size + unused)[:size], "big")

    def write(number: int, _: bytes) -> bytes:
        return number.to_bytes(size, "big") + padding

    return Codec(read, write)


def _octets(shortest: int, longest: int, unit: int = 1) -> Codec[bytes]:
    """Bytes that mean nothing to us."""

    def checked(value: bytes, _: bytes) -> bytes:
        if not shortest <= len(value) <= longest or len(value) % unit:
            raise ValueError(f"{len(value)} bytes instead of {shortest} to {longest}")
        return value

    return Codec(checked, checked)


def _text(characters: int, octets: int) -> Codec[str]:
    """UTF-8, so long at most."""

    def checked(text: str, octets_used: int) -> None:
        if len(text) > characters or octets_used > octets:
            raise ValueError(f"more than {characters} characters or {octets} bytes")

    def read(value: bytes, _: bytes) -> str:
        text = value.decode()
        checked(text, len(value))
        return text

    def write(text: str, _: bytes) -> bytes:
        value = text.encode()
        checked(text, len(value))
        return value

    return Codec(read, write)


_ADDRESS_HEAD = Struct("!xBH")
_HOST_SIZE = {Family.IPV4: 4, Family.IPV6: 16}


def _read_address(value: bytes, _: bytes) -> Address:
    family, port = _ADDRESS_HEAD.unpack_from(value)
    return Address(_sized(value[4:], _HOST_SIZE[Family(family)]), port)


def _write_address(address: Address, _: bytes) -> bytes:
    return _ADDRESS_HEAD.pack(address.family, address.port) + address.host


def _xor(address: Address, transaction_id: bytes) -> Address:
    """RFC 8489 14.2: done twice, it is undone."""
    host, port = address
    size = len(host)
    mask = (MAGIC_COOKIE.to_bytes(4, "big") + transaction_id)[:size]
    mixed = int.from_bytes(host, "big") ^ int.from_bytes(mask, "big")
    return Address(mixed.to_bytes(size, "big"), port ^ (MAGIC_COOKIE >> 16))


def _read_xor_address(value: bytes, transaction_id: bytes) -> Address:
    return _xor(_read_address(value, transaction_id), transaction_id)


def _write_xor_address(address: Address, transaction_id: bytes) -> bytes:
    return _write_address(_xor(address, transaction_id), transaction_id)


_REASON = _text(127, 763)
_ERROR_HEAD = Struct("!BxBB")  # the family, which is unused in ERROR-CODE; hundreds; the rest


def _read_address_error(value: bytes, transaction_id: bytes) -> AddressErrorCode:
    family, hundreds, rest = _ERROR_HEAD.unpack_from(value)
    hundreds &= 0b111  # above are reserved bits
    if not 3 <= hundreds <= 6 or rest > 99:
        raise ValueError(f"{hundreds}|{rest} is no error code")
    return AddressErrorCode(family, hundreds * 100 + rest, _REASON.read(value[4:], transaction_id))


def _write_address_error(error: AddressErrorCode, transaction_id: bytes) -> bytes:
    family, code, reason = error
    if not 300 <= code <= 699:
        raise ValueError(f"{code} is no error code")
    return _ERROR_HEAD.pack(family, *divmod(code, 100)) + _REASON.write(reason, transaction_id)


def _read_error(value: bytes, transaction_id: bytes) -> ErrorCode:
    _, code, reason = _read_address_error(value, transaction_id)
    return ErrorCode(code, reason)


def _write_error(error: ErrorCode, transaction_id: bytes) -> bytes:
    return _write_address_error(AddressErrorCode(0, *error), transaction_id)


def _read_numbers(value: bytes, _: bytes) -> tuple[int, ...]:
    if len(value) % 2:
        raise ValueError("half an attribute number")
    return tuple(int.from_bytes(value[at : at + 2], "big") for at in range(0, len(value), 2))


def _write_numbers(numbers: tuple[int, ...], _: bytes) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def _read_flag(value: bytes, _: bytes) -> bool:
    return _sized(value, 1)[0] >= 0x80


def _write_flag(flag: bool, _: bytes) -> bytes:
    return b"\x80" if flag else b"\0"


def _read_presence(value: bytes, _: bytes) -> bool:
    return not _sized(value, 0)


def _write_presence(_: bool, __: bytes) -> bytes:
    return b""


_ICMP = Struct("!xxH4s")


def _read_icmp(value: bytes, _: bytes) -> Icmp:
    type_and_code, data = _ICMP.unpack(value)
    return Icmp(type_and_code >> 9, type_and_code & 0x1FF, data)  # RFC 8656 18.13: 7 and 9 bits, as it is drawn


def _write_icmp(icmp: Icmp, _: bytes) -> bytes:
    if icmp.code > 0x1FF:
        raise ValueError(f"{icmp.code} is no ICMP code")
    return _ICMP.pack(icmp.type << 9 | icmp.code, _sized(icmp.data, 4))


_ALGORITHM_HEAD = Struct("!HH")


def _read_algorithms(value: bytes, _: bytes) -> tuple[PasswordAlgorithm, ...]:
    algorithms = []
    at = 0
    while at < len(value):
        number, size = _ALGORITHM_HEAD.unpack_from(value, at)
        at += 4 + size + -size % 4
        if at > len(value):
            raise ValueError("parameters run past the end")
        end = at - -size % 4
        algorithms.append(PasswordAlgorithm(number, value[end - size : end]))
    return tuple(algorithms)


def _write_algorithms(algorithms: tuple[PasswordAlgorithm, ...], _: bytes) -> bytes:
    return b"".join(
        _ALGORITHM_HEAD.pack(number, len(parameters)) + parameters + bytes(-len(parameters) % 4)
        for number, parameters in algorithms
    )


def _read_algorithm(value: bytes, transaction_id: bytes) -> PasswordAlgorithm:
    (algorithm,) = _read_algorithms(value, transaction_id)
    return algorithm


def _write_algorithm(algorithm: PasswordAlgorithm, transaction_id: bytes) -> bytes:
    return _write_algorithms((algorithm,), transaction_id)


_PLAIN_ADDRESS = Codec(_read_address, _write_address)
_XOR_ADDRESS = Codec(_read_xor_address, _write_xor_address)
_ANY = _octets(0, 0xFFFF)
_QUOTED = _text(127, 763)
_FAMILY = _number(1, unused=3)

# RFC 8489 section 14
MAPPED_ADDRESS = Attribute(0x0001, "MAPPED-ADDRESS", *_PLAIN_ADDRESS)
USERNAME = Attribute(0x0006, "USERNAME", *_text(508, 508))
MESSAGE_INTEGRITY = Attribute(0x0008, "MESSAGE-INTEGRITY", *_octets(20, 20))
ERROR_CODE = Attribute(0x0009, "ERROR-CODE", _read_error, _write_error)
UNKNOWN_ATTRIBUTES = Attribute(0x000A, "UNKNOWN-ATTRIBUTES", _read_numbers, _write_numbers)
REALM = Attribute(0x0014, "REALM", *_QUOTED)
NONCE = Attribute(0x0015, "NONCE", *_QUOTED)
MESSAGE_INTEGRITY_SHA256 = Attribute(0x001C, "MESSAGE-INTEGRITY-SHA256", *_octets(16, 32, unit=4))
PASSWORD_ALGORITHM = Attribute(0x001D, "PASSWORD-ALGORITHM", _read_algorithm, _write_algorithm)
USERHASH = Attribute(0x001E, "USERHASH", *_octets(32, 32))
XOR_MAPPED_ADDRESS = Attribute(0x0020, "XOR-MAPPED-ADDRESS", *_XOR_ADDRESS)
PASSWORD_ALGORITHMS = Attribute(0x8002, "PASSWORD-ALGORITHMS", _read_algorithms, _write_algorithms)
ALTERNATE_DOMAIN = Attribute(0x8003, "ALTERNATE-DOMAIN", *_text(255, 255))
SOFTWARE = Attribute(0x8022, "SOFTWARE", *_QUOTED)
ALTERNATE_SERVER = Attribute(0x8023, "ALTERNATE-SERVER", *_PLAIN_ADDRESS)
FINGERPRINT = Attribute(0x8028, "FINGERPRINT", *_number(4))

# RFC 8656 section 18
CHANNEL_NUMBER = Attribute(0x000C, "CHANNEL-NUMBER", *_number(2, unused=2))
LIFETIME = Attribute(0x000D, "LIFETIME", *_number(4))
XOR_PEER_ADDRESS = Attribute(0x0012, "XOR-PEER-ADDRESS", *_XOR_ADDRESS)
DATA = Attribute(0x0013, "DATA", *_ANY)
XOR_RELAYED_ADDRESS = Attribute(0x0016, "XOR-RELAYED-ADDRESS", *_XOR_ADDRESS)
REQUESTED_ADDRESS_FAMILY = Attribute(0x0017, "REQUESTED-ADDRESS-FAMILY", *_FAMILY)
EVEN_PORT = Attribute(0x0018, "EVEN-PORT", _read_flag, _write_flag)
REQUESTED_TRANSPORT = Attribute(0x0019, "REQUESTED-TRANSPORT", *_number(1, unused=3))
DONT_FRAGMENT = Attribute(0x001A, "DONT-FRAGMENT", _read_presence, _write_presence)
RESERVATION_TOKEN = Attribute(0x0022, "RESERVATION-TOKEN", *_octets(8, 8))
ADDITIONAL_ADDRESS_FAMILY = Attribute(0x8000, "ADDITIONAL-ADDRESS-FAMILY", *_FAMILY)
ADDRESS_ERROR_CODE = Attribute(0x8001, "ADDRESS-ERROR-CODE", _read_address_error, _write_address_error)
ICMP = Attribute(0x8004, "ICMP", _read_icmp, _write_icmp)
DRAFT_ADDITIONAL_ADDRESS_FAMILY = Attribute(0x8032, "DRAFT-ADDITIONAL-ADDRESS-FAMILY", *_FAMILY)
"""By the number that coturn's tools still give it."""

# RFC 6062 section 6.2, RFC 8016 section 3.2
CONNECTION_ID = Attribute(0x002A, "CONNECTION-ID", *_number(4))
MOBILITY_TICKET = Attribute(0x8030, "MOBILITY-TICKET", *_ANY)

# Of ICE (RFC 8445 section 16.1), RFC 7635 and others: nothing that a relay acts upon
PRIORITY = Attribute(0x0024, "PRIORITY", *_ANY)
USE_CANDIDATE = Attribute(0x0025, "USE-CANDIDATE", *_ANY)
ACCESS_TOKEN = Attribute(0x001B, "ACCESS-TOKEN", *_ANY)
ICE_CONTROLLED = Attribute(0x8029, "ICE-CONTROLLED", *_ANY)
ICE_CONTROLLING = Attribute(0x802A, "ICE-CONTROLLING", *_ANY)
RESPONSE_ORIGIN = Attribute(0x802B, "RESPONSE-ORIGIN", *_PLAIN_ADDRESS)
OTHER_ADDRESS = Attribute(0x802C, "OTHER-ADDRESS", *_PLAIN_ADDRESS)
THIRD_PARTY_AUTHORIZATION = Attribute(0x802E, "THIRD-PARTY-AUTHORIZATION", *_ANY)
ORIGIN = Attribute(0x802F, "ORIGIN", *_ANY)
