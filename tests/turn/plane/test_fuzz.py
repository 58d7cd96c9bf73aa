"""Whatever a client or a peer sends, the plane lives and its neighbour's packets pass."""

import os
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.turn.plane.conftest import MakeWorld, passes
from tests.turn.plane.frames import channel_data, message, send_indication
from turn.words import Address

CHANNEL = 0x4001
SOMEWHERE = Address.of("127.0.0.1", 9)
ATTRIBUTES = st.tuples(
    st.sampled_from([0x0012, 0x0013, 0x001A, 0x8028, 0x0008, 0x7FFF]) | st.integers(0, 0xFFFF), st.binary(max_size=40)
)
MESSAGES = st.builds(
    lambda kind, some: message(kind, *some), st.sampled_from([0x16, 0x17, 1, 3]), st.lists(ATTRIBUTES, max_size=5)
)
CHANNELS = st.builds(channel_data, st.integers(0x4000, 0x4003), st.binary(max_size=50), st.binary(max_size=5))
SENDS = st.builds(lambda data: send_indication(SOMEWHERE, data), st.binary(max_size=50))


@st.composite
def bent(draw: st.DrawFn) -> bytes:
    """Something well formed with a few bytes changed, or cut."""
    whole = bytearray(draw(MESSAGES | CHANNELS | SENDS))
    for _ in range(draw(st.integers(0, 3))):
        whole[draw(st.integers(0, len(whole) - 1))] = draw(st.integers(0, 255))
    return bytes(whole[: draw(st.integers(0, len(whole)))])


def test_nothing_a_client_sends_harms_another(make_world: MakeWorld):
    world = make_world()
    client, peer = world.client(), world.peer()
    own = world.allocate(client)
    own.permit(world.peer())
    own.bind(CHANNEL, Address.of("127.0.0.1", 9), with_sibling=False)
    allocation = world.allocate(world.client())
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)

    @settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "150")), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(MESSAGES | CHANNELS | SENDS | bent() | st.binary(max_size=80), max_size=6))
    def sends(datagrams: list[bytes]) -> None:
        stream = world.client("tcp")
        holder = world.allocate(stream)
        with suppress(OSError):  # it was ended meanwhile
            for datagram in datagrams:
                client.write(datagram)
                stream.write(datagram)
        for datagram in datagrams:
            peer.say(own.address, datagram)
            peer.say(holder.address, datagram)
        passes(allocation, CHANNEL, peer)
        world.plane.hang_up(stream.link)
        holder.close()
        stream.socket.close()
        world.ignore_control()

    sends()
    world.settled(world.client())
