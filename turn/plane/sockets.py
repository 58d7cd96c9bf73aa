"""How the relay's sockets are made. All are non-blocking, and each function that fails leaves none open."""

import resource
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress

from turn.words import Address, Family

FAMILIES = {Family.IPV4: socket.AF_INET, Family.IPV6: socket.AF_INET6}
LISTENER_BUFFER = 4 * 1024 * 1024
"""Bytes that a listener holds while its worker is elsewhere: all clients of a worker share it, 25 ms of 100 000 packets/s."""
KEEP_ALIVE = {socket.TCP_KEEPIDLE: 60, socket.TCP_KEEPINTVL: 15, socket.TCP_KEEPCNT: 4}
"""After a minute's silence it is asked every 15 s, four times at most."""

# Linux numbers that Python does not name (asm-generic/socket.h, linux/in.h)
SO_SNDBUFFORCE = 32
SO_RCVBUFFORCE = 33
IP_MTU_DISCOVER = 10
IP_PMTUDISC_DONT = 0


def listen_datagrams(address: Address, workers: int = 1) -> list[socket.socket]:
    """UDP sockets at one address, one for each worker: the kernel deals clients out to them, and a client stays with his.

    Port 0 is a free port, the same for all. Raises OSError, also if another process listens there already.
    """
    with ExitStack() as undo:
        first = undo.enter_context(_bound(address, socket.SOCK_DGRAM))
        sockets = [first]
        if workers > 1:
            # Only now: set before, it would let us share the port with a stranger who set it, too.
            first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            for _ in range(workers - 1):
                sockets.append(undo.enter_context(_bound(local_address(first), socket.SOCK_DGRAM, _share_port)))
        for listener in sockets:
            _grow_buffers(listener)
        undo.pop_all()
    return sockets


def listen_streams(address: Address) -> socket.socket:
    """A TCP listener. What it accepts is without delay already, but blocking. Raises OSError."""
    listener = _bound(address, socket.SOCK_STREAM, _reuse_address)
    try:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # Linux: what is accepted inherits these
        _keep_alive(listener)
        listener.listen(socket.SOMAXCONN)
    except BaseException:
        listener.close()
        raise
    return listener


def listen_for_peers(address: Address, backlog: int) -> socket.socket:
    """As `listen_streams`, for the peers of one relayed address, whom `stream_from` may connect to from there, too.

    Only processes of our own system user could listen there as well.
    """
    listener = _bound(address, socket.SOCK_STREAM, _reuse_address, _keep_alive)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # only now: nobody else had the port before
        listener.listen(backlog)
    except BaseException:
        listener.close()
        raise
    return listener


def stream_from(address: Address) -> socket.socket:
    """A TCP socket at an address where we listen for peers, to be connected to one of them. Raises OSError."""
    return _bound(address, socket.SOCK_STREAM, _reuse_address, _share_port, _keep_alive)


def bind_relay(address: Address) -> socket.socket:
    """A UDP socket at this address alone, whose packets may be fragmented under way (RFC 8656 section 15: DF is clear).

    Raises OSError: the port is taken, the address is not ours, or no descriptor is left.
    """
    return _bound(address, socket.SOCK_DGRAM, _allow_fragments)


def sibling_of(relay: socket.socket, peer: Address) -> socket.socket:
    """A second socket where `relay` is bound, connected to this peer: what he sends comes to it from now on.

    Before it is connected anybody's packet may fall into it. Nobody else can bind there: siblings let others in, so that
    more of them can follow, but the relay does so only meanwhile.
    Raises OSError, then `relay` is as it was: no route, no descriptor left, or a peer of the other family (ValueError).
    """
    own = local_address(relay)
    if own.family is not peer.family:
        raise ValueError(f"{own} cannot reach {peer}")
    relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sibling = _bound(own, socket.SOCK_DGRAM, _allow_fragments, _reuse_address)
    finally:
        relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    try:
        sibling.connect(to_sockaddr(peer))
    except BaseException:
        sibling.close()
        raise
    return sibling


def raise_descriptor_limit() -> int:
    """As many descriptors as this process may have without asking anybody. Returns how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # some containers refuse even that
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def local_address(bound: socket.socket) -> Address:
    """Raises OSError if it was closed."""
    host, port, *_ = bound.getsockname()
    return Address.of(host, port)


def to_sockaddr(address: Address) -> tuple[str, int]:
    """As the socket module takes it."""
    return socket.inet_ntop(FAMILIES[address.family], address.host), address.port


def _bound(address: Address, kind: socket.SocketKind, *prepare: Callable[[socket.socket], None]) -> socket.socket:
    made = socket.socket(FAMILIES[address.family], kind)
    try:
        made.setblocking(False)
        if address.family is Family.IPV6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # or :: would take 0.0.0.0's port, too
        for step in prepare:
            step(made)
        made.bind(to_sockaddr(address))
    except BaseException:
        made.close()
        raise
    return made


def _share_port(made: socket.socket) -> None:
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def _reuse_address(made: socket.socket) -> None:
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _keep_alive(made: socket.socket) -> None:
    """Who has vanished without a word is noticed, though nothing is sent."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEP_ALIVE.items():
        made.setsockopt(socket.IPPROTO_TCP, option, value)


def _allow_fragments(made: socket.socket) -> None:
    if made.family == socket.AF_INET:  # IPv6 has no DF: who sends fragments, or nobody does
        made.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)


def _grow_buffers(made: socket.socket) -> None:
    for force, ask in ((SO_RCVBUFFORCE, socket.SO_RCVBUF), (SO_SNDBUFFORCE, socket.SO_SNDBUF)):
        try:
            made.setsockopt(socket.SOL_SOCKET, force, LISTENER_BUFFER)
        except OSError:  # only root may pass the system's bound (net.core.rmem_max); others get as much as it allows
            made.setsockopt(socket.SOL_SOCKET, ask, LISTENER_BUFFER)
