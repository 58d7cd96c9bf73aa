"""What a server says on its output, whatever goes on and goes wrong, holds nothing that opens a door."""

import asyncio
import secrets

import pytest
import requests

from tests.conftest import PATIENCE, Instance
from tests.protocol.addresses import REAL, SAMPLE
from tests.protocol.conftest import Cast, Connect

SDP = f"v=0\r\na=ice-pwd:{secrets.token_hex(12)}\r\n"
PASSWORD = f"pass-{secrets.token_hex(8)}"


async def test_nothing_secret_is_logged(
    instance: Instance, connect: Connect, cast: Cast, channel: int, capfd: pytest.CaptureFixture[str]
):
    own = Instance({**instance.env, "TURN": "on"})
    await asyncio.to_thread(own.start)
    try:
        hidden = await asyncio.to_thread(rest, own)
        for address in (REAL, SAMPLE):
            client = await connect(cast.bob, address, instance=own)
            await client.join(channel)
            await client.say("signal", {"to": client.id, "type": "offer", "sdp": SDP})
            await client.say("signal", SDP, cast.bob["token"])
            await client.say("join-room", "x", cast.bob["token"][:-3])
            await client.until("error", 2)
            await client.leave()
    finally:
        await asyncio.to_thread(own.stop)
    said = "".join(capfd.readouterr())
    assert "INFO" in said, "it says something"
    for secret in [*hidden, cast.bob["token"], cast.bob["token"].rpartition(".")[2], SDP.split(":")[-1].strip(), PASSWORD]:
        assert secret not in said


def rest(instance: Instance) -> list[str]:
    """Secrets in bodies, headers, paths and queries, of calls that succeed and of calls that fail."""
    user = instance.sign_up()
    token, email = user["token"], user["user"]["email"]
    instance.api("POST", "/auth/login", email=email, password=PASSWORD)
    instance.api("PUT", f"/auth/users/{user['user']['id']}/password", token, oldPassword=PASSWORD, newPassword=PASSWORD)
    ice = instance.api("GET", "/voice/ice-servers", token).json()["iceServers"]
    credentials = [server["credential"] for server in ice if "credential" in server]
    assert credentials
    server, _ = instance.voice_channel(user)
    invite = instance.api("POST", f"/invite/{server}/invite", token, maxUses=1).json()["invite"]["token"]
    channel = instance.api("POST", f"/servers/{server}/channels", token, name="text").json()["id"]
    webhook = instance.api("POST", f"/servers/{server}/channels/{channel}/webhooks", token, name="builds").json()
    address = webhook["url"].removeprefix("/api")
    bot = instance.api("POST", "/bots", token, username=f"bot-{secrets.token_hex(3)}").json()["id"]
    bot_token = instance.api("POST", f"/bots/{bot}/tokens", token, name="t", scopes=["servers.read"]).json()["token"]
    assert instance.api("POST", address, content="").status_code == 400
    assert instance.api("POST", f"{address}x", content="x").status_code == 404
    assert instance.api("POST", f"/invite/invite/{invite}/accept", token).status_code == 400
    assert instance.api("DELETE", f"/invite/invite/{invite}", token).status_code == 405
    assert instance.api("GET", "/unknown", f"{token}x").status_code == 404
    assert instance.api("GET", f"/auth/me?token={token}").status_code == 401
    assert requests.get(f"{instance.url}/socket.io/?EIO=3&transport=x&token={token}", timeout=PATIENCE).status_code == 400
    return [token, *credentials, invite, webhook["token"], bot_token]
