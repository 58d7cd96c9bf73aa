"""Servers of people in an empty database, without ten thousand sign-ups; `./run manage shell` runs it.

Of each server's people the first so many are those of its voice channel. Into the file OUTPUT goes who they are, as JSON:
first all who will be in calls, channel by channel, then all others, server by server in turn.
"""

import json
import os
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from accounts.models import Session, User
from accounts.tokens import token_for
from messaging.services import message_create
from servers.models import Channel, Member
from servers.services.servers import server_create

PEOPLE, ROOMS, ROOM_SIZE = (int(os.environ[name]) for name in ("PEOPLE", "ROOMS", "ROOM_SIZE"))

names = [f"person{number}" for number in range(PEOPLE)]
people = User.objects.bulk_create(
    User(username=name, username_key=name, email=f"{name}@example.com", tag="#0001", password="!") for name in names
)
of_server = [number // ROOM_SIZE if number < ROOMS * ROOM_SIZE else number % ROOMS for number in range(PEOPLE)]
owners = people[: ROOMS * ROOM_SIZE : ROOM_SIZE]
servers = [server_create(owner=owner, name=f"Server of {owner.username}") for owner in owners]
Member.objects.bulk_create(
    Member(server=servers[at], user=user) for at, user in zip(of_server, people, strict=True) if user is not owners[at]
)
text, voice = (
    Channel.objects.bulk_create(Channel(server=server, name=name, type=kind) for server in servers)
    for name, kind in (("news", "text"), ("lobby", "voice"))
)
first_messages = [
    message_create(channel=channel, user=owner, content="Before the load")[0].pk
    for channel, owner in zip(text, owners, strict=True)
]
tomorrow = timezone.now() + timedelta(days=1)
sessions = Session.objects.bulk_create(Session(user=user, expires_at=tomorrow) for user in people)
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
facts = {
    "tokens": [token_for(session) for session in sessions],
    "servers": [server.pk for server in servers],
    "text": [channel.pk for channel in text],
    "voice": [channel.pk for channel in voice],
    "firstMessages": first_messages,
    "ofServer": of_server,
}
Path(os.environ["OUTPUT"]).write_text(json.dumps(facts))
