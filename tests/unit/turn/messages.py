"""Any STUN message that can be said, for hypothesis; and the recorded ones."""

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from turn.protocol import attributes as rows
from turn.protocol.attributes import AddressErrorCode, Attribute, ErrorCode, Icmp, PasswordAlgorithm
from turn.protocol.integrity import Key
from turn.protocol.stun import Kind, encode
from turn.words import Address

WIRE = Path(__file__).parent.parent.parent / "wire" / "stun"
RECORDED = {path.stem: path.read_bytes() for path in sorted(WIRE.glob("*.bin"))}
ROWS: list[Attribute[Any]] = [row for row in vars(rows).values() if isinstance(row, Attribute)]
TRANSACTION = bytes(range(12))

ports = st.integers(0, 0xFFFF)
octets = st.binary(max_size=64)
addresses = st.builds(Address, st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16), ports)
codes = st.integers(300, 699)
text = st.text(max_size=40)
algorithms = st.builds(PasswordAlgorithm, st.integers(0, 0xFFFF), st.binary(max_size=9))

VALUES: dict[Attribute[Any], st.SearchStrategy[Any]] = {
    **dict.fromkeys(ROWS, octets),
    **dict.fromkeys((row for row in ROWS if row.name.endswith(("-ADDRESS", "-SERVER", "-ORIGIN"))), addresses),
    **dict.fromkeys((rows.USERNAME, rows.REALM, rows.NONCE, rows.SOFTWARE, rows.ALTERNATE_DOMAIN), text),
    **dict.fromkeys((rows.LIFETIME, rows.FINGERPRINT, rows.CONNECTION_ID), st.integers(0, 2**32 - 1)),
    **dict.fromkeys((rows.REQUESTED_TRANSPORT, *(row for row in ROWS if row.name.endswith("-FAMILY"))), st.integers(0, 255)),
    rows.CHANNEL_NUMBER: ports,
    rows.EVEN_PORT: st.booleans(),
    rows.DONT_FRAGMENT: st.just(True),
    rows.ERROR_CODE: st.builds(ErrorCode, codes, text),
    rows.ADDRESS_ERROR_CODE: st.builds(AddressErrorCode, st.sampled_from([1, 2]), codes, text),
    rows.UNKNOWN_ATTRIBUTES: st.lists(ports, max_size=9).map(tuple),
    rows.ICMP: st.builds(Icmp, st.integers(0, 127), st.integers(0, 511), st.binary(min_size=4, max_size=4)),
    rows.PASSWORD_ALGORITHM: algorithms,
    rows.PASSWORD_ALGORITHMS: st.lists(algorithms, max_size=4).map(tuple),
    rows.USERHASH: st.binary(min_size=32, max_size=32),
    rows.MESSAGE_INTEGRITY: st.binary(min_size=20, max_size=20),
    rows.MESSAGE_INTEGRITY_SHA256: st.sampled_from([16, 20, 24, 28, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    rows.RESERVATION_TOKEN: st.binary(min_size=8, max_size=8),
}
ENDS = frozenset({rows.MESSAGE_INTEGRITY, rows.MESSAGE_INTEGRITY_SHA256, rows.FINGERPRINT})

pairs = st.sampled_from(sorted(set(VALUES) - ENDS, key=lambda row: row.number)).flatmap(
    lambda row: st.tuples(st.just(row), VALUES[row])
)
keys = st.none() | st.builds(Key, octets, st.booleans())
parts = st.tuples(
    st.integers(0, 0xFFF),
    st.sampled_from(Kind),
    st.binary(min_size=12, max_size=12),
    st.lists(pairs, max_size=8),
    keys,
    st.booleans(),
)


def written(said: tuple[Any, ...]) -> bytes:
    *words, key, fingerprint = said
    return encode(*words, integrity=key, fingerprint=fingerprint)
