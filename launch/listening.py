"""The sockets of the one port: bound here, inherited by every web process.

All web processes accept on the same sockets. While one is away, whoever knocks is let in by another, or waits for it.
"""

import contextlib
import errno
import socket
from collections.abc import Iterator

from launch.console import LaunchError, UsageError
from launch.options import Options


@contextlib.contextmanager
def bound(options: Options) -> Iterator[list[socket.socket]]:
    """One for each address of the host that this machine has. Nobody is let in before a web process listens."""
    try:
        found = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise UsageError(f"--host {options.host}: {error.strerror}.") from error
    with contextlib.ExitStack() as stack:
        listeners: list[socket.socket] = []
        for family, *_, address in found:
            listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            try:
                _bind(listener, address)
                listeners.append(listener)
            except OSError as error:
                refusal = error
                if error.errno == errno.EADDRINUSE:
                    other = options.port + 1 if options.port < 65535 else 5000
                    raise LaunchError(f"Port {options.port} is already in use. Choose another: ./run --port {other}") from error
        if not listeners:
            raise LaunchError(f"Cannot listen on {options.host} port {options.port}: {refusal.strerror}.") from refusal
        yield listeners


def _bind(listener: socket.socket, address: object) -> None:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if listener.family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind(address)  # type: ignore[arg-type]
