"""coturn's own tools, which take the relay for coturn.

turnutils_uclient ends with 0 even if half of its messages are lost, so its figures are read.
"""

import re
import socket
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from subprocess import DEVNULL
from typing import NamedTuple

import pytest

from tests.conftest import PATIENCE
from tests.turn.clients.conftest import PASSWORD, SECRET, USER
from tests.turn.clients.running import BINDING, HOSTS, RunTurn, tool
from turn.protocol.stun import Method, decode

CANNOT_ALLOCATE = 255
AT_ONCE = 16
"""Each sleeps most of its six seconds."""
TOTALS = re.compile(r"start_mclient: tot_send_msgs=(\d+), tot_recv_msgs=(\d+)\n")
LOST = re.compile(r"Total lost packets (\d+) ")
DTLS_HELLO = bytes.fromhex("16feff0000000000000000000c01000000000000000000000000")

U, BOB = f"-u {USER} -w {PASSWORD}", f"-u bob -W {SECRET}"
THREE = "-n 20 -m 3"
"""Clients of 20 messages each."""
PLAIN, TLS = "-p {port}", "-p {tls_port} -t -S -E {certificate}"
ECHO4, ECHO6 = "-r {echo} -e 127.0.0.1", "-r {echo} -e ::1"
CHANNELS = f"{U} {THREE} {PLAIN} {ECHO4}"


class Outcome(NamedTuple):
    status: int
    sent: int
    received: int
    lost: int
    said: str

    @property
    def whole(self) -> bool:
        return self.status == 0 and self.sent == self.received > 0 and self.lost == 0


def command(relay: RunTurn, echo: int, row: str) -> list[str]:
    places = {"port": relay.port, "tls_port": relay.tls_port, "certificate": relay.certificate, "echo": echo}
    return [tool("turnutils_uclient"), *row.format_map(places).split()]


def uclient(relay: RunTurn, echo: int, row: str) -> Outcome:
    done = subprocess.run(command(relay, echo, row), capture_output=True, text=True, timeout=PATIENCE)
    said = done.stdout + done.stderr
    totals, lost = TOTALS.search(said), LOST.search(said)
    sent, received = map(int, totals.groups()) if totals else (0, 0)
    return Outcome(done.returncode, sent, received, int(lost[1]) if lost else 0, said)


def uclients(relay: RunTurn, echo: int, rows: Sequence[str]) -> dict[str, Outcome]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return dict(zip(rows, threads.map(lambda row: uclient(relay, echo, row), rows), strict=True))


OVER_UDP = [
    f"{CHANNELS} 127.0.0.1",  # pairs for RTP and RTCP: EVEN-PORT and RESERVATION-TOKEN
    f"{CHANNELS} -c 127.0.0.1",
    f"{CHANNELS} -s 127.0.0.1",  # Send and Data indications
    f"{CHANNELS} -y 127.0.0.1",  # from client to client, through two relays
    f"{CHANNELS} -y -c -s 127.0.0.1",
    f"{CHANNELS} -g 127.0.0.1",  # DONT-FRAGMENT
    f"{CHANNELS} -D 127.0.0.1",  # ChannelData with padding
    f"{CHANNELS} -G 127.0.0.1",  # permissions and channels asked for again and again
    f"{CHANNELS} -I 127.0.0.1",  # no permission but by the channel
    f"{CHANNELS} -B 127.0.0.1",  # some hang up at once
    f"{CHANNELS} -o http://example.org 127.0.0.1",  # ORIGIN ...
    f"{CHANNELS} -a 100000 127.0.0.1",  # ... and BANDWIDTH may be ignored
    f"{BOB} {THREE} {PLAIN} {ECHO4} 127.0.0.1",  # credentials that end by themselves
]
OVER_STREAMS = [
    f"{CHANNELS} -t 127.0.0.1",
    f"{CHANNELS} -t -s 127.0.0.1",
    f"{CHANNELS} -t -D 127.0.0.1",
    f"{CHANNELS} -t -y -c 127.0.0.1",
    f"{U} {THREE} {TLS} {ECHO4} 127.0.0.1",
    f"{U} {THREE} {TLS} {ECHO4} -s 127.0.0.1",
    f"{U} {THREE} {TLS} {ECHO4} -y -c 127.0.0.1",
    f"{BOB} {THREE} {TLS} {ECHO4} 127.0.0.1",
]
FAMILIES = [
    f"{U} {THREE} {PLAIN} {ECHO6} -x 127.0.0.1",  # IPv6 relayed for a client of IPv4
    f"{U} {THREE} {PLAIN} {ECHO6} -x ::1",
    f"{U} {THREE} {PLAIN} {ECHO4} -X ::1",
    f"{U} {THREE} {PLAIN} {ECHO6} -x -s ::1",
    f"{U} {THREE} {PLAIN} {ECHO6} -x -t ::1",
    f"{U} {THREE} {TLS} {ECHO4} -X ::1",
    f"{CHANNELS} -Z 127.0.0.1",  # both at once
]
REFUSED = [
    f"-u {USER} -w wrong {THREE} {PLAIN} {ECHO4} 127.0.0.1",
    f"-u {USER} -w wrong {THREE} {TLS} {ECHO4} 127.0.0.1",
    f"-u bob -W wrong {THREE} {PLAIN} {ECHO4} 127.0.0.1",
    f"-u nobody -w {PASSWORD} {THREE} {PLAIN} {ECHO4} 127.0.0.1",
]


@pytest.mark.parametrize(
    "rows",
    [OVER_UDP, OVER_STREAMS, FAMILIES],
    ids=["udp", "streams", "families"],
)
def test_every_message_comes_back(relay: RunTurn, echo: int, rows: Sequence[str]) -> None:
    outcomes = uclients(relay, echo, rows)
    assert {row: outcome for row, outcome in outcomes.items() if not outcome.whole} == {}


@pytest.mark.parametrize(
    "row",
    [
        f"{U} {PLAIN} {ECHO4} -c -l 160 -m 50 -n 200 -z 5 127.0.0.1",  # 50 calls at four times the rate of voice
        f"{U} {PLAIN} {ECHO4} -s -c -l 1200 -m 10 -n 200 -z 5 127.0.0.1",
        f"{U} {TLS} {ECHO4} -c -l 160 -m 20 -n 200 -z 5 127.0.0.1",
    ],
    ids=["udp", "indications", "tls"],
)
def test_thousands_of_messages_come_back(relay: RunTurn, echo: int, row: str) -> None:
    outcome = uclient(relay, echo, row)
    assert outcome.whole, outcome.said
    assert outcome.sent >= 2000


def test_wrong_credentials_get_no_allocation(relay: RunTurn, echo: int) -> None:
    outcomes = uclients(relay, echo, REFUSED)
    assert {row: outcome.status for row, outcome in outcomes.items()} == dict.fromkeys(REFUSED, CANNOT_ALLOCATE)
    assert all("Cannot complete Allocation" in outcome.said for outcome in outcomes.values())


def test_who_says_nonsense_costs_others_nothing(relay: RunTurn, echo: int) -> None:
    """A tenth of what the others say is altered, requests and data; they may wait long for an answer that never comes."""
    nonsense = f"{U} {PLAIN} {ECHO4} -n 1000 -m 1 -c -R"
    with ExitStack() as stack:
        for row in (f"{nonsense} 127.0.0.1", f"{nonsense} -s 127.0.0.1", f"{nonsense} -t 127.0.0.1"):
            process = stack.enter_context(subprocess.Popen(command(relay, echo, row), stdout=DEVNULL, stderr=DEVNULL))
            stack.callback(process.kill)
        outcome = uclient(relay, echo, f"{CHANNELS} 127.0.0.1")
    assert outcome.whole, outcome.said


def test_who_allocates_and_vanishes_leaves_room_for_others(relay: RunTurn, echo: int) -> None:
    assert "Received wrong response" in uclient(relay, echo, f"{U} {PLAIN} {ECHO4} -n 20 -m 50 -O 127.0.0.1").said
    outcome = uclient(relay, echo, f"{CHANNELS} 127.0.0.1")
    assert outcome.whole, outcome.said


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        (f"{U} {PLAIN} -n 20 -m 4 -T 127.0.0.1", "error 442"),  # TCP to peers (RFC 6062)
        (f"{CHANNELS} -M 127.0.0.1", "error 405"),  # mobility (RFC 8016)
    ],
    ids=["tcp-peers", "mobility"],
)
def test_what_is_not_offered_is_refused_by_name(relay: RunTurn, echo: int, row: str, refusal: str) -> None:
    outcome = uclient(relay, echo, row)
    assert (outcome.status, refusal in outcome.said) == (CANNOT_ALLOCATE, True), outcome.said


def test_dtls_is_not_answered(relay: RunTurn) -> None:
    """What is sent behind it is: the one does not take the place of the other."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect((HOSTS[0], relay.port))
        client.send(DTLS_HELLO)
        client.send(BINDING)
        assert decode(client.recv(2048)).method == Method.BINDING


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_client_learns_its_own_address(relay: RunTurn, host: str) -> None:
    asking = [tool("turnutils_stunclient"), "-p", str(relay.port), host]
    said = subprocess.run(asking, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    assert re.search(rf"UDP reflexive addr: \[?{host}\]?:\d+", said), said
