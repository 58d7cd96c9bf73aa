"""One relay process, from its configuration to its end."""

import asyncio
import contextlib
import errno
import logging
import secrets
import signal
from collections.abc import Awaitable, Callable, Sequence

from projectvoice.environment import data_dir
from telemetry.process import watch_loop
from turn import keys, machine, metrics
from turn.authentication import Authentication
from turn.configuration import UNSPECIFIED, Configuration
from turn.credentials import Credentials
from turn.datagrams import ABSENT, Datagrams
from turn.guests import Guests
from turn.journal import Journal
from turn.listeners import Listeners
from turn.nonces import Nonces
from turn.plane import sockets
from turn.plane.base import Limits, Plane
from turn.plane.batches import BatchesUnavailable
from turn.plane.build import library
from turn.plane.native import NativePlane
from turn.plane.portable import PortablePlane
from turn.policy import Peers, Policy
from turn.relay import Relay
from turn.server import Server
from turn.tls import Certificate
from turn.words import Address

logger = logging.getLogger("turn")

Companion = Callable[[Relay], Awaitable[None]]
"""Runs on the relay's loop until it is cancelled; by then nothing is relayed any more."""
PARTING = 2.0
"""Seconds that companions have for their end."""


class CannotStart(Exception):
    """In one sentence, why."""


async def run(configuration: Configuration, companions: Sequence[Companion], ready: Callable[[], None]) -> None:
    """Until a signal: SIGTERM lets those who talk finish, for a while; SIGINT, or a second signal, ends it at once.

    Raises CannotStart and BadCertificate.
    """
    signals = _signals()
    descriptors = sockets.raise_descriptor_limit()
    journal = Journal(logger)
    certificate = Certificate(configuration.certificate, configuration.certificate_key) if configuration.certificate else None
    _check_hosts(configuration)
    plane = make_plane(configuration)
    relay = Relay(
        make_server(configuration),
        plane,
        journal,
        hosts=configuration.hosts.values(),
        bandwidth=configuration.bandwidth,
    )
    guests = Guests()
    listeners = Listeners(relay, guests, certificate, journal)
    async with contextlib.AsyncExitStack() as stack:
        beside: list[asyncio.Task[None]] = []
        stack.push_async_callback(_part, beside, journal)
        relay.start()
        stack.callback(relay.stop)
        stack.push_async_callback(listeners.stop)
        datagrams = Datagrams(relay, configuration.port, journal)
        _listen(configuration, relay, listeners, datagrams, journal)
        if configuration.metrics_port:
            await stack.enter_async_context(await _metrics(configuration.metrics_port, relay, listeners, guests))
        hosts = ",".join(str(Address(host.told, 0)).removesuffix(":0") for host in configuration.hosts.values())
        journal.event("serving", plane=plane.name, workers=plane.workers, addresses=hosts, descriptors=descriptors)
        beside += [asyncio.create_task(_beside(companion, relay, journal)) for companion in companions]
        beside.append(asyncio.create_task(datagrams.follow()))
        beside.append(asyncio.create_task(watch_loop()))
        if certificate is not None:
            beside.append(asyncio.create_task(certificate.follow(journal)))
        ready()
        await _until_told(relay, signals, configuration.drain_seconds)
        journal.event("stopping", allocations=sum(relay.allocations.values()))


def make_plane(configuration: Configuration) -> Plane:
    """The native one where it can be had, unless the configuration names one. Raises CannotStart."""
    limits = Limits(coalesce=configuration.coalesce)
    found = None if configuration.plane == "portable" else library(data_dir() / "turn")
    if configuration.plane == "native" and found is None:
        raise CannotStart("TURN_PLANE=native needs a C compiler (cc), or the library that `python -m turn.plane.build` makes")
    try:
        if found is not None:
            return NativePlane(found, configuration.workers, limits)
    except OSError as error:  # as from a data folder that is mounted noexec
        if configuration.plane == "native":
            raise CannotStart(f"TURN_PLANE=native cannot load its library: {error}") from error
        logger.warning("The relay runs without its native data path: %s", error)
    try:
        return PortablePlane(limits)
    except BatchesUnavailable as error:
        raise CannotStart(f"There is neither a C compiler nor what the relay needs without one: {error}") from error


def make_server(configuration: Configuration) -> Server:
    peers = Peers(
        private=configuration.private_peers,
        loopback=configuration.loopback_peers,
        allowed=configuration.allowed_peers,
        denied=configuration.denied_peers,
        own=[host.told for host in configuration.hosts.values()],
        machine=machine.addresses(),
    )
    policy = Policy(
        peers,
        ports=configuration.ports,
        allocations=configuration.allocations,
        allocations_per_user=configuration.allocations_per_user,
        alternates=configuration.alternates,
        tcp_relay=configuration.tcp_relay,
        rfc5766_channels=configuration.rfc5766_channels,
    )
    credentials = Credentials(realm=configuration.realm, secrets=keys.secrets(), users=configuration.users)
    nonces = Nonces(keys.nonce_key(), anonymity=credentials.anonymous)
    authentication = Authentication(credentials, nonces, ttl=configuration.ttl)
    return Server(policy, authentication, configuration.hosts, random=secrets.token_bytes, choose=secrets.randbelow)


def _check_hosts(configuration: Configuration) -> None:
    for host in configuration.hosts.values():
        try:
            sockets.bind_relay(Address(host.bound, 0)).close()
        except OSError as error:
            address = str(Address(host.bound, 0)).removesuffix(":0")
            raise CannotStart(f"TURN_RELAY_ADDRESSES: {address} is no address of this machine ({error.strerror})") from error


def _listen(configuration: Configuration, relay: Relay, listeners: Listeners, datagrams: Datagrams, journal: Journal) -> None:
    absent: OSError | None = None
    for name in configuration.listen:
        address = Address.of(name, configuration.port)
        try:
            for port in configuration.stream_ports:
                address = Address.of(name, port)
                listeners.listen(sockets.listen_streams(address))
            address = Address.of(name, configuration.port)
            datagrams.listen(address.host)
        except OSError as error:
            if error.errno not in ABSENT or address.host not in UNSPECIFIED:
                raise CannotStart(_why(address, error)) from error
            absent = error  # a machine without IPv6 listens on what it has
            continue
        journal.event("listening", address=name, udp=configuration.port, tcp=",".join(map(str, configuration.stream_ports)))
    if absent is not None and not relay.listening:
        raise CannotStart(_why(address, absent)) from absent


def _why(address: Address, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {address.port} is already in use at {address}; TURN_PORT and TURN_TLS_PORT choose others"
    return f"Cannot listen at {address}: {error.strerror}"


async def _metrics(port: int, relay: Relay, listeners: Listeners, guests: Guests) -> asyncio.Server:
    try:
        return await metrics.serve(port, relay, listeners, guests)
    except OSError as error:
        raise CannotStart(f"TURN_METRICS_PORT: port {port} cannot be listened on: {error.strerror}") from error


def _signals() -> asyncio.Queue[signal.Signals]:
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, queue.put_nowait, number)
    return queue


async def _until_told(relay: Relay, signals: asyncio.Queue[signal.Signals], drain_seconds: int) -> None:
    if await signals.get() is signal.SIGINT:
        return
    relay.drain()
    finished = [asyncio.create_task(relay.emptied()), asyncio.create_task(signals.get())]
    await asyncio.wait(finished, timeout=drain_seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in finished:
        task.cancel()


async def _beside(companion: Companion, relay: Relay, journal: Journal) -> None:
    try:
        await companion(relay)
    except Exception as error:  # an edge: without it media flow on
        journal.failed("a companion", error)


async def _part(beside: Sequence[asyncio.Task[None]], journal: Journal) -> None:
    for task in beside:
        task.cancel()
    if beside and (await asyncio.wait(beside, timeout=PARTING))[1]:
        journal.warn("left-behind")
