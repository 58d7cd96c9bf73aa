"""Writes of channels, of the categories they stand under, and of what they give and take. All wait for the server's row."""

from collections.abc import Iterable
from typing import Any, TypedDict

from django.db import transaction

from audit.services import State
from events.services import access_changed, announce
from servers.access import Access, access_category, access_role, require, require_handles, require_outranks
from servers.announcing import tell_category, tell_channel_gone, tell_channel_made, tell_channels
from servers.errors import (
    CategoryNotFound,
    ChannelNotFound,
    NotForChannels,
    OverwriteBothWays,
    OverwriteNotFound,
    TooMany,
)
from servers.journal import record, record_change, state_of, target_of
from servers.models import Category, Channel, Member, Overwrite, Role
from servers.permissions import OVERWRITABLE, Permission
from servers.services.members import member_current
from servers.services.servers import access_locked

CHANNELS_PER_SERVER = 500
CATEGORIES_PER_SERVER = 50
OVERWRITES_PER_CHANNEL = 100
FIELDS = ("name", "type", "description", "position", "category_id", "slowmode", "user_limit")


class Place(TypedDict, total=False):
    """Where a channel goes: `category_id` None is under no category, absent is where it was."""

    id: int
    position: int
    category_id: int | None


@transaction.atomic
def channel_create(*, access: Access, name: str, type: str, position: int | None = None, **fields: Any) -> Channel:
    """Without a position the channel goes to the end."""
    access = access_locked(access)
    count = access.server.channels.count()
    if count >= CHANNELS_PER_SERVER:
        raise TooMany(CHANNELS_PER_SERVER)
    channel = Channel(server=access.server, name=name, type=type, position=count if position is None else position)
    _change(access, channel, fields)
    channel.save()
    tell_channel_made(channel)
    record(access, "channel.create", channel, after=state_of(channel, *FIELDS))
    return channel


@transaction.atomic
def channel_update(*, access: Access, **changes: Any) -> Channel:
    """Changes what is given. A voice channel that becomes text ends its call; a lower limit puts nobody out of it."""
    access = access_locked(access)
    channel = _held(access)
    before = state_of(channel, *FIELDS)
    _change(access, channel, changes)
    channel.save()
    access_changed(channel_id=channel.pk)
    tell_channels("channel-updated", [channel])
    record_change(access, "channel.update", channel, before, state_of(channel, *FIELDS))
    return channel


@transaction.atomic
def channel_delete(*, access: Access) -> None:
    access = access_locked(access)
    channel = _held(access)
    target, before = target_of(channel), state_of(channel, *FIELDS)
    tell_channel_gone(channel)
    channel.delete()
    record(access, "channel.delete", target, before=before)


@transaction.atomic
def channels_arrange(*, access: Access, places: list[Place]) -> None:
    """All of them or none. Channels that are not named stay where they are."""
    access = access_locked(access)
    channels = Channel.objects.filter(server=access.server).in_bulk([place["id"] for place in places])
    categories = set(access.server.categories.values_list("pk", flat=True)) | {None}
    before = _places(channels.values())
    for place in places:
        channel = channels.get(place["id"])
        if channel is None:
            raise ChannelNotFound
        channel.position = place["position"]
        channel.category_id = place.get("category_id", channel.category_id)
        if channel.category_id not in categories:
            raise CategoryNotFound
    Channel.objects.bulk_update(channels.values(), ["position", "category_id"])
    after = _places(channels.values())
    tell_channels("channel-updated", [channel for pk, channel in channels.items() if before[str(pk)] != after[str(pk)]])
    record_change(access, "channel.arrange", access.server, before, after)


@transaction.atomic
def category_create(*, access: Access, name: str, position: int | None = None) -> Category:
    access = access_locked(access)
    count = access.server.categories.count()
    if count >= CATEGORIES_PER_SERVER:
        raise TooMany(CATEGORIES_PER_SERVER)
    category = Category.objects.create(server=access.server, name=name, position=count if position is None else position)
    tell_category("category-created", category)
    record(access, "category.create", category, after=state_of(category, "name", "position"))
    return category


@transaction.atomic
def category_update(*, access: Access, category: Category, **changes: Any) -> Category:
    access = access_locked(access)
    category = access_category(access, category.pk)
    before = state_of(category, "name", "position")
    for name in changes.keys() & {"name", "position"}:
        setattr(category, name, changes[name])
    category.save()
    tell_category("category-updated", category)
    record_change(access, "category.update", category, before, state_of(category, "name", "position"))
    return category


@transaction.atomic
def category_delete(*, access: Access, category: Category) -> None:
    """Its channels stay, under no category."""
    access = access_locked(access)
    category = access_category(access, category.pk)
    target, before = target_of(category), state_of(category, "name", "position")
    category.delete()
    announce("category-deleted", server_id=access.server.pk, payload={"categoryId": target.id})
    record(access, "category.delete", target, before=before)


@transaction.atomic
def overwrite_put(*, access: Access, of: Role | Member, allow: int = 0, deny: int = 0) -> Overwrite:
    """What the channel gives to and takes from a role or a member. Both zero says nothing, and is kept."""
    access, row = _overwrite_locked(access, of)
    require(access, Permission(((row.allow ^ allow) | (row.deny ^ deny)) & OVERWRITABLE))
    if (allow | deny) & ~int(OVERWRITABLE):  # a flag alone would invert only the bits that have a name
        raise NotForChannels
    if allow & deny:
        raise OverwriteBothWays
    if row.pk is None and row.channel.overwrites.count() >= OVERWRITES_PER_CHANNEL:
        raise TooMany(OVERWRITES_PER_CHANNEL)
    before = _state(row, of) if row.pk else None
    row.allow, row.deny = allow, deny
    row.save()
    access_changed(channel_id=row.channel_id)
    if before != (after := _state(row, of)):
        record(access, "overwrite.put", row.channel, before=before, after=after)
    return row


@transaction.atomic
def overwrite_delete(*, access: Access, of: Role | Member) -> None:
    access, row = _overwrite_locked(access, of)
    if row.pk is None:
        raise OverwriteNotFound
    require(access, Permission(row.allow | row.deny))
    row.delete()
    access_changed(channel_id=row.channel_id)
    record(access, "overwrite.delete", row.channel, before=_state(row, of))


def _overwrite_locked(access: Access, of: Role | Member) -> tuple[Access, Overwrite]:
    """The row there is, or a new one; refused for whom the caller does not stand over."""
    whom: dict[str, Any]
    if isinstance(of, Role):
        access = access_locked(access)
        whom = {"role": access_role(access, of.pk)}
        require_handles(access, whom["role"], bits=0)
    else:
        access = access_locked(access, of.user_id)
        whom = {"member": member_current(of)}
        require_outranks(access, whom["member"], or_self=True)
    channel = _held(access)
    row = Overwrite.objects.filter(channel=channel, **whom).first() or Overwrite(**whom)
    row.channel = channel
    return access, row


def _state(row: Overwrite, of: Role | Member) -> State:
    whom = target_of(of)
    return {"for": f"{whom.type} {whom.id} {whom.name}", "allow": str(row.allow), "deny": str(row.deny)}


def _places(channels: Iterable[Channel]) -> State:
    """By the channel's id."""
    return {str(channel.pk): f"{channel.position} in {channel.category_id or 'no category'}" for channel in channels}


def _held(access: Access) -> Channel:
    """The channel as it is behind the server's lock."""
    channel = access.channel and Channel.objects.filter(pk=access.channel.pk).first()
    if channel is None:
        raise ChannelNotFound
    return channel


def _change(access: Access, channel: Channel, changes: dict[str, Any]) -> None:
    for name in changes.keys() & set(FIELDS):
        setattr(channel, name, changes[name])
    channel.description = channel.description or None
    channel.user_limit = channel.user_limit or 0
    if channel.category_id is not None:
        access_category(access, channel.category_id)
