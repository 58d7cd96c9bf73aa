"""Two peer connections of aiortc that may use nothing but the relay."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from aiortc.rtcconfiguration import RTCIceTransportPolicy

from tests.conftest import PATIENCE
from tests.turn.clients.conftest import PASSWORD, USER
from tests.turn.clients.running import RunTurn

FRAMES = 50
"""A second of sound."""


class Peer:
    def __init__(self, relay: RunTurn, transport: str) -> None:
        server = RTCIceServer(relay.url(transport), USER, PASSWORD)
        self.connection = RTCPeerConnection(RTCConfiguration([server], iceTransportPolicy=RTCIceTransportPolicy.RELAY))
        self.connection.addTrack(AudioStreamTrack())
        self.connection.on("track", self._listen)
        self.connection.on("datachannel", lambda channel: channel.on("message", lambda said: channel.send(f"{said}!")))
        self.has_heard = asyncio.Event()

    @property
    def candidates(self) -> list[str]:
        return [line for line in self.connection.localDescription.sdp.splitlines() if line.startswith("a=candidate:")]

    def _listen(self, track: Any) -> None:
        self._listening = asyncio.create_task(self._count(track))

    async def _count(self, track: Any) -> None:
        try:
            for _ in range(FRAMES):
                await track.recv()
        except MediaStreamError:
            return
        self.has_heard.set()


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_two_peers_talk_through_nothing_but_the_relay(
    relay: RunTurn, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.certificate))
    async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
        anna, boris = Peer(relay, transport), Peer(relay, transport)
        for one in (anna, boris):
            stack.push_async_callback(one.connection.close)
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        channel = anna.connection.createDataChannel("words")
        channel.on("open", lambda: channel.send("hello"))
        channel.on("message", answer.set_result)

        await anna.connection.setLocalDescription(await anna.connection.createOffer())
        await boris.connection.setRemoteDescription(anna.connection.localDescription)
        await boris.connection.setLocalDescription(await boris.connection.createAnswer())
        await anna.connection.setRemoteDescription(boris.connection.localDescription)

        for one in (anna, boris):
            assert one.candidates
            assert all(" typ relay " in candidate for candidate in one.candidates)
        assert await answer == "hello!"
        await anna.has_heard.wait()
        await boris.has_heard.wait()


async def test_a_certificate_that_nobody_trusts_keeps_peers_away(relay: RunTurn) -> None:
    async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
        anna = Peer(relay, "tls")
        stack.push_async_callback(anna.connection.close)
        await anna.connection.setLocalDescription(await anna.connection.createOffer())
        assert anna.candidates == []
