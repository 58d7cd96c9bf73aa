"""Where the request at hand came from, for whoever asks deep below it: nobody has to pass it down."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address

from django.http import HttpRequest

# A context variable follows its request from task to thread and back; requests beside it have their own.
_address: ContextVar[str | None] = ContextVar("address", default=None)


def address_of(request: HttpRequest) -> str:
    """The client's address as the server saw it; a proxy's word counts only where `TRUSTED_PROXIES` names it.

    A socket file has none, and a proxy may say "unknown": all these are one.
    """
    address = str(request.META.get("REMOTE_ADDR", "")).partition("%")[0]  # without the zone of fe80::1%eth0
    try:
        ip_address(address)
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - a key for counting, nothing listens there
    return address


def current_address() -> str | None:
    """The address of the request being answered; None in a command."""
    return _address.get()


@contextmanager
def acting_from(address: str) -> Iterator[None]:
    """What is done inside comes from there. AddressMiddleware does it for REST; other transports do it themselves."""
    before = _address.set(address)
    try:
        yield
    finally:
        _address.reset(before)
