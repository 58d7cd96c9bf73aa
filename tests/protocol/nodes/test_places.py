"""A place that REST has given by one node is there on the other; and so is all that follows."""

import asyncio
import secrets

from tests.conftest import Instance
from tests.protocol.dialects import JsonClient


def take(node: Instance, room: str, name: str) -> dict:
    return node.api("POST", "/room/join", room_id=room, user_name=name).json()


def online(node: Instance, room: str) -> dict[str, bool]:
    return {user["user_name"]: user["is_online"] for user in node.api("GET", f"/room/{room}/info").json()["users"]}


async def test_zvonims_users_come_by_whatever_node(east: Instance, west: Instance):
    room = f"room-{secrets.token_hex(4)}"
    ann, bob = take(east, room, "Ann"), take(west, room, "Bob")
    assert bob["users_in_room"] == ["Ann", "Bob"]
    one = await JsonClient.open(west, room_id=room, user_id=ann["user_id"])
    assert online(east, room) == {"Ann": True, "Bob": False}
    other = await JsonClient.open(east, room_id=room, user_id=bob["user_id"])
    assert await one.until("user-joined") == {"type": "user-joined", "user_id": bob["user_id"], "user_name": "Bob"}
    await other.say(type="offer", to=ann["user_id"], sdp="v=0")
    assert await one.until("offer") == {"type": "offer", "from": bob["user_id"], "to": ann["user_id"], "sdp": "v=0"}
    left = await asyncio.to_thread(west.api, "POST", "/room/leave", room_id=room, user_id=bob["user_id"])
    assert left.json() == {"success": True}
    assert (await one.until("user-left"))["user_id"] == bob["user_id"]
    assert await other.closed() == 1008
    assert online(east, room) == online(west, room) == {"Ann": True}
    await one.leave()


async def test_the_stats_and_places_of_hub_signaling_are_one(east: Instance, west: Instance):
    room = f"room-{secrets.token_hex(4)}"
    place = east.api("POST", "/rooms/join", room_id=room).json()["client_id"]
    client = await JsonClient.open(west, room_id=room, client_id=place)
    for node in (east, west):
        rooms = node.api("GET", "/rooms/stats").json()["rooms"]
        assert {"room_id": room, "clients": [place]} in rooms
    assert east.api("POST", "/rooms/leave", room_id=room, client_id=place).status_code == 200
    assert await client.closed() == 1008
    assert west.api("POST", "/rooms/leave", room_id=room, client_id=place).status_code == 404
