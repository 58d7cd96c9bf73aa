"""The people of one server, made in an empty database without a thousand sign-ups; `manage.py shell` runs it.

Into the file OUTPUT go the id of their text channel, then a token of each; the first is the owner's.
"""

import os
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from accounts.models import Session, User
from accounts.services import user_register
from accounts.tokens import token_for
from servers.models import Channel, Member
from servers.services.servers import server_create

owner = user_register(username="speaker", email="speaker@example.com", password="password123")
server = server_create(owner=owner, name="Broadcast")
channel = Channel.objects.create(server=server, name="news", type="text")
names = [f"listener{number}" for number in range(int(os.environ["PEOPLE"]))]
listeners = User.objects.bulk_create(
    User(username=name, username_key=name, email=f"{name}@example.com", tag="#0001", password="!") for name in names
)
Member.objects.bulk_create(Member(server=server, user=user) for user in listeners)
tomorrow = timezone.now() + timedelta(days=1)
sessions = Session.objects.bulk_create(Session(user=user, expires_at=tomorrow) for user in [owner, *listeners])
Path(os.environ["OUTPUT"]).write_text(" ".join([str(channel.pk), *map(token_for, sessions)]))
