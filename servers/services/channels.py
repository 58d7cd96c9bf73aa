"""Writes of channels."""

from typing import Any

from django.db import transaction

from projectvoice.kernel.events import AccessChanged, publish_on_commit
from servers.errors import ChannelNotFound, TooMany
from servers.models import Channel, Server
from servers.services.servers import server_locked

CHANNELS_PER_SERVER = 500


@transaction.atomic
def channel_create(
    *, server: Server, name: str, type: str, description: str | None = None, position: int | None = None
) -> Channel:
    """Without a position the channel goes to the end."""
    server_locked(server.pk)
    count = server.channels.count()
    if count >= CHANNELS_PER_SERVER:
        raise TooMany(CHANNELS_PER_SERVER)
    return Channel.objects.create(
        server=server, name=name, type=type, description=description or None, position=count if position is None else position
    )


@transaction.atomic
def channel_update(*, channel: Channel, **changes: Any) -> Channel:
    """Changes name, type, description or position. A voice channel that becomes text ends its call."""
    locked = Channel.objects.select_for_update().filter(pk=channel.pk).first()
    if locked is None:
        raise ChannelNotFound
    for name in changes.keys() & {"name", "type", "position"}:
        setattr(locked, name, changes[name])
    if "description" in changes:
        locked.description = changes["description"] or None
    locked.save()
    publish_on_commit(AccessChanged(channel_id=locked.pk))
    return locked


@transaction.atomic
def channel_delete(*, channel: Channel) -> None:
    gone, _ = Channel.objects.filter(pk=channel.pk).delete()
    if not gone:
        raise ChannelNotFound
    publish_on_commit(AccessChanged(channel_id=channel.pk))
