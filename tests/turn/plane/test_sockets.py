"""Sockets as the relay needs them: shared by workers, by siblings, and by nobody else."""

import errno
import resource
import socket

import pytest

from tests.conftest import PATIENCE
from turn.plane import sockets
from turn.words import Address

HOSTS = ["127.0.0.1", "::1"]
BOTH_FAMILIES = pytest.mark.parametrize("host", HOSTS)


def heard(by: socket.socket) -> bytes:
    by.settimeout(PATIENCE)
    return by.recv(2048)


@BOTH_FAMILIES
def test_workers_share_a_port_and_a_client_stays_with_his(host: str):
    listeners = sockets.listen_datagrams(Address.of(host, 0), workers=3)
    where = listeners[0].getsockname()
    assert {listener.getsockname() for listener in listeners} == {where}
    clients = [socket.socket(listeners[0].family, socket.SOCK_DGRAM) for _ in range(64)]
    for client in clients:
        client.connect(where)
        for _ in range(3):
            client.send(b"hello")
    dealt = []
    for listener in listeners:
        sources = []
        while True:
            try:
                sources.append(listener.recvfrom(2048)[1])
            except BlockingIOError:
                break
        dealt.append(sources)
    assert sum(map(len, dealt)) == 3 * 64
    assert all(sources.count(source) == 3 for sources in dealt for source in sources)
    assert all(dealt), "64 clients leave no worker out"
    for one in [*clients, *listeners]:
        one.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_relay_does_not_steal_the_clients_of_the_first(workers: int):
    listeners = sockets.listen_datagrams(Address.of("127.0.0.1", 0), workers)
    taken = sockets.local_address(listeners[0])
    with pytest.raises(OSError, match="in use"):
        sockets.listen_datagrams(taken, workers)
    for listener in listeners:
        listener.close()
    for listener in sockets.listen_datagrams(taken, workers):
        listener.close()


def test_both_families_have_listeners_at_one_port():
    streams = sockets.listen_streams(Address.of("0.0.0.0", 0))
    port = streams.getsockname()[1]
    others = [
        sockets.listen_streams(Address.of("::", port)),
        *sockets.listen_datagrams(Address.of("0.0.0.0", port)),
        *sockets.listen_datagrams(Address.of("::", port)),
    ]
    for one in [streams, *others]:
        assert not one.getblocking()
        one.close()


@BOTH_FAMILIES
def test_what_a_stream_listener_accepts_sends_at_once(host: str):
    with sockets.listen_streams(Address.of(host, 0)) as listener:
        client = socket.create_connection(listener.getsockname()[:2], PATIENCE)
        listener.settimeout(PATIENCE)
        accepted, _ = listener.accept()
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        client.close()
        accepted.close()


@BOTH_FAMILIES
def test_a_sibling_hears_its_peer_and_the_relay_the_others(host: str):
    peer, other = (sockets.bind_relay(Address.of(host, 0)) for _ in range(2))
    relay = sockets.bind_relay(Address.of(host, 0))
    sibling = sockets.sibling_of(relay, sockets.local_address(peer))
    second = sockets.sibling_of(relay, sockets.local_address(other))
    stranger = sockets.bind_relay(Address.of(host, 0))
    peer.sendto(b"from the peer", relay.getsockname())
    other.sendto(b"from the other", relay.getsockname())
    stranger.sendto(b"from a stranger", relay.getsockname())
    assert [heard(sibling), heard(second), heard(relay)] == [b"from the peer", b"from the other", b"from a stranger"]
    sibling.send(b"to the peer")
    peer.settimeout(PATIENCE)
    assert peer.recvfrom(2048) == (b"to the peer", relay.getsockname())
    for one in (peer, other, relay, sibling, second, stranger):
        one.close()


@BOTH_FAMILIES
def test_nobody_else_binds_where_a_relay_is(host: str):
    relay = sockets.bind_relay(Address.of(host, 0))
    own, peer = sockets.local_address(relay), sockets.bind_relay(Address.of(host, 0))
    sibling = sockets.sibling_of(relay, sockets.local_address(peer))
    for option in (None, socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        with socket.socket(relay.family, socket.SOCK_DGRAM) as thief:
            if option:
                thief.setsockopt(socket.SOL_SOCKET, option, 1)
            with pytest.raises(OSError, match="in use"):
                thief.bind(sockets.to_sockaddr(own))
    with pytest.raises(OSError, match="in use"):
        sockets.bind_relay(own)
    for one in (relay, sibling, peer):
        one.close()


@BOTH_FAMILIES
def test_a_relay_listens_where_it_connects_from(host: str):
    listener = sockets.listen_for_peers(Address.of(host, 0), 1)
    own = sockets.local_address(listener)
    with socket.create_server((host, 0), family=listener.family) as peer:
        caller = sockets.stream_from(own)
        assert caller.connect_ex(peer.getsockname()[:2]) == errno.EINPROGRESS
        accepted, source = peer.accept()
        assert Address.of(*source[:2]) == own
        with socket.create_connection((host, own.port)) as other:
            listener.settimeout(PATIENCE)
            assert listener.accept()[1][:2] == other.getsockname()[:2]
        for option in (None, socket.SO_REUSEADDR):
            with socket.socket(listener.family) as thief:
                if option:
                    thief.setsockopt(socket.SOL_SOCKET, option, 1)
                with pytest.raises(OSError, match="in use"):
                    thief.bind(sockets.to_sockaddr(own))
        for one in (listener, caller, accepted):
            one.close()
    sockets.listen_for_peers(own, 1).close()  # though connections from there are still remembered


def test_a_port_that_others_may_share_is_not_listened_at_with_them():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        with pytest.raises(OSError, match="in use"):
            sockets.listen_for_peers(sockets.local_address(other), 1)


def test_a_sibling_that_cannot_be_leaves_the_relay_as_it_was():
    relay = sockets.bind_relay(Address.of("127.0.0.1", 0))
    with pytest.raises(ValueError, match="cannot reach"):
        sockets.sibling_of(relay, Address.of("::1", 4000))
    with pytest.raises(OSError, match="denied"):
        sockets.sibling_of(relay, Address.of("255.255.255.255", 4000))
    assert relay.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0
    again = sockets.local_address(relay)
    relay.close()
    sockets.bind_relay(again).close()  # nothing was left behind at its address


def test_an_address_that_is_not_ours_is_an_error():
    for make in (sockets.bind_relay, sockets.listen_streams, sockets.listen_datagrams):
        with pytest.raises(OSError, match="assign"):
            make(Address.of("192.0.2.1", 0))


def test_packets_of_a_relay_may_be_fragmented():
    relay = sockets.bind_relay(Address.of("127.0.0.1", 0))
    sibling = sockets.sibling_of(relay, Address.of("127.0.0.1", 4000))
    for one in (relay, sibling):
        assert one.getsockopt(socket.IPPROTO_IP, sockets.IP_MTU_DISCOVER) == sockets.IP_PMTUDISC_DONT
        one.close()


def test_descriptors_are_as_many_as_may_be():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        assert sockets.raise_descriptor_limit() == before[1]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
