"""Who sits in the voice channels that somebody sees: whole states, which every node tells its own subscribers."""

from collections.abc import Iterable
from typing import Any

from live import words
from live.audiences import Audiences
from live.rights import Sight
from voice.core.board import Board
from voice.core.hub import Seated
from voice.core.words import Room

State = dict[str, Any]


class Seats:
    def __init__(self, board: Board, audiences: Audiences) -> None:
        self._board, self._audiences = board, audiences

    def seen(self, servers: Iterable[tuple[int, Sight]]) -> list[State]:
        """The states of the channels that are seen and in which somebody sits."""
        taken = {int(room.name): room for room in self._board.rooms}
        return [
            self._state(server_id, taken[channel_id])
            for server_id, sight in servers
            for channel_id in taken.keys() & sight.channels.keys()
        ]

    def told(self, rooms: Iterable[Room]) -> None:
        """To all who see these channels: it is no history, so those who still hear what they missed are told as well."""
        for room in rooms:
            channel_id = int(room.name)
            server_id = self._audiences.server_of(channel_id)
            if server_id is None:
                continue
            body = words.frame("voice-seats", self._state(server_id, room))
            for head, subscriptions in self._audiences.on_server(server_id, channel_id, 0):
                frame = head + body
                for subscription in subscriptions:
                    subscription.write(frame)

    def _state(self, server_id: int, room: Room) -> State:
        seats = [_seat(one) for one in self._board.seated(room)]
        return {"serverId": server_id, "channelId": int(room.name), "seats": seats}


def _seat(seated: Seated) -> State:
    peer, voice = seated.peer, seated.terms.voice
    return {
        "userId": seated.terms.user_id,
        "user": {
            "id": seated.terms.user_id,
            "username": peer.profile.get("username"),
            "avatar": peer.profile.get("profilePicture"),
        },
        "socketId": peer.id,
        "micToggle": seated.mic,
        "isMuted": voice.muted,
        "isDeafened": voice.deafened,
        "canSpeak": voice.may_speak and not voice.muted,
    }
