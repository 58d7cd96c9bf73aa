"""The same question put by others' tools: coturn's own client and echo peer load a relay.

Each message goes up to the peer and comes back down: two packets are relayed.
"""

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.ports import free_port
from bench.signaling.servers import Running
from bench.turn.servers import CPUS, HOST, PASSWORD, USER

NEEDS = ("turnutils_uclient", "turnutils_peer")
STREAMS, SIZE, GAP = 50, 160, 5  # GAP: milliseconds between a stream's messages
PATIENCE = 60.0
MESSAGES = re.compile(rb"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)")  # again and again; the last is of all
SECONDS = re.compile(rb"Total transmit time is (\d+)")


@dataclass(frozen=True)
class Echoed:
    sent: int
    lost: int
    seconds: int  # the streams begin one after the other, so it is slower than the messages' gap would have it
    cpu: float  # the server's seconds per 1 000 000 packets, with what the allocations took; by the kernel's ticks of 10 ms
    bad = disordered = 0  # it does not look

    @property
    def per_second(self) -> float:
        return (2 * self.sent - self.lost) / self.seconds

    @property
    def faults(self) -> dict[str, int]:
        return {"lost": self.lost} if self.lost else {}


def echoed(server: Running, messages: int, *flags: str) -> Echoed:
    """As many messages in each of STREAMS streams. Raises ConnectionError if the client could not do its work."""
    with echo_peer() as peer:
        command = [
            "turnutils_uclient",
            "-c",
            "-u",
            USER,
            "-w",
            PASSWORD,
            "-e",
            HOST,
            "-r",
            str(peer),
            "-p",
            str(server.ports[0]),
        ]
        command += ["-l", str(SIZE), "-m", str(STREAMS), "-n", str(messages), "-z", str(GAP), *flags, HOST]
        cpu = server.cpu_seconds()
        try:
            told = subprocess.run(
                on_last_cpu(command), capture_output=True, timeout=PATIENCE + messages * GAP / 1000, check=False
            )
        except subprocess.TimeoutExpired:
            raise ConnectionError("turnutils_uclient does not come to an end") from None
        cpu = server.cpu_seconds() - cpu
    counts, seconds = MESSAGES.findall(told.stdout), SECONDS.search(told.stdout)
    if told.returncode or not seconds:  # it ends with 0 whatever was lost
        raise ConnectionError(f"turnutils_uclient ended with {told.returncode}: {told.stdout[-300:].decode(errors='replace')}")
    sent, heard = map(int, counts[-1])
    return Echoed(sent, sent - heard, max(1, int(seconds[1])), cpu / (sent + heard) * 1_000_000)


@contextlib.contextmanager
def echo_peer() -> Iterator[int]:
    """Its port."""
    port = free_port()
    process = subprocess.Popen(
        on_last_cpu(["turnutils_peer", "-L", HOST, "-p", str(port)]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(0.5)  # it answers nothing that would tell when it is there
        yield port
    finally:
        process.kill()
        process.wait()


def on_last_cpu(command: list[str]) -> list[str]:
    return ["taskset", "--cpu-list", str(CPUS[-1]), *command]
