"""Who may do what is decided once: every way of asking gives the answer of a plain reference, for generated members and channels.

The reference knows sets of names and no bits (tests/unit/servers/test_permissions.py compares the pure rules with it, too).
"""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from live.views import views_of
from projectvoice.kernel.errors import DomainError, Forbidden
from servers.access import access_channel, access_channels, access_server
from servers.models import Overwrite
from servers.permissions import Permission, Rank
from tests.factories import make_channel, make_member, make_role, make_server
from tests.unit.servers.test_permissions import WHOLE_SERVER, names
from voice.access import access_room
from voice.core.words import Room

pytestmark = pytest.mark.django_db
P = Permission
BITS = [bit for bit in Permission if bit & (bit - 1) == 0]
SEEDS = range(6)
COMMON = [P.VIEW_CHANNEL, P.SEND_MESSAGES, P.CONNECT, P.SPEAK, P.READ_MESSAGE_HISTORY]


def some(chance: random.Random) -> int:
    """Often what decides most."""
    return sum(chance.sample([*map(int, COMMON), *map(int, chance.sample(BITS, 4))], 3)) & ~int(P.ADMINISTRATOR)


class Scene:
    """A server with roles, members and channels by chance, and what is written about them in plain words."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.server = make_server()
        presets = {role.preset: role for role in self.server.roles.exclude(preset=None)}
        for preset in ("everyone", "member", "moderator"):
            presets[preset].permissions = some(chance)
            presets[preset].save()
        self.presets = presets
        self.custom = [make_role(self.server, some(chance), position) for position in range(1, 5)]
        self.members = [make_member(self.server, chance.choice(["member", "member", "moderator", "admin"])) for _ in range(5)]
        for member in self.members:
            member.roles.set(chance.sample(self.custom, chance.randint(0, 3)))
        resting = chance.choice(self.members)
        resting.muted_until = timezone.now() + timedelta(hours=1)
        resting.save()
        self.channels = [make_channel(self.server, "voice") for _ in range(3)]
        for channel in self.channels:
            for role in chance.sample([presets["everyone"], presets["member"], *self.custom], 3):
                self.overwrite(chance, channel, role=role)
            self.overwrite(chance, channel, member=chance.choice(self.members))

    def overwrite(self, chance: random.Random, channel, **of) -> None:
        allow, deny = some(chance), some(chance)
        whole = sum(int(P[name]) for name in WHOLE_SERVER)
        Overwrite.objects.create(channel=channel, allow=allow & ~deny & ~whole, deny=deny & ~whole, **of)

    def may(self, member, channel=None) -> set[str]:
        """What somebody may, from what is stored, as Discord describes it."""
        own = [
            self.presets["everyone"],
            *([self.presets[member.role]] if member.role in self.presets else []),
            *member.roles.all(),
        ]
        held = {name for role in own for name in names(role.permissions)}
        if member.role == "owner" or "ADMINISTRATOR" in held:
            return {bit.name for bit in BITS}
        if channel is not None:
            written = list(channel.overwrites.all())
            everyone = [one for one in written if one.role_id == own[0].pk]
            others = [one for one in written if one.role_id in {role.pk for role in own[1:]}]
            mine = [one for one in written if one.member_id == member.pk]
            for group in (everyone, others, mine):
                held -= {name for one in group for name in names(one.deny)}
                held |= {name for one in group for name in names(one.allow)}
            if "VIEW_CHANNEL" not in held:
                return set()
        resting = member.muted_until is not None and Rank[member.role.upper()] < Rank.ADMIN
        return held & {"VIEW_CHANNEL", "READ_MESSAGE_HISTORY"} if resting else held


@pytest.fixture(params=SEEDS)
def scene(request) -> Scene:
    return Scene(request.param)


def passes(door, *arguments, **named) -> bool:
    try:
        door(*arguments, **named)
    except Forbidden:
        return False
    return True


def test_every_door_says_what_the_reference_says(scene):
    for member in scene.members:
        on_server = scene.may(member)
        assert {bit.name for bit in BITS if passes(access_server, member.user, scene.server.pk, need=bit)} == on_server
        for channel in scene.channels:
            there = scene.may(member, channel)
            by_rest = {bit.name for bit in BITS if passes(access_channel, member.user, channel.pk, need=bit)}
            assert by_rest == there
            assert passes(access_room, member.user, Room(str(channel.pk), channel=True)) is ("CONNECT" in there)


def test_many_at_once_are_told_the_same(scene):
    """What calls are reviewed by, what live events are told by, and what lists hold."""
    asked = [(member.user, channel.pk) for member in scene.members for channel in scene.channels]
    expected = {
        (member.user_id, channel.pk): scene.may(member, channel) for member in scene.members for channel in scene.channels
    }
    for bit in COMMON:
        let_in = {key for key, answer in access_channels(asked, need=bit).items() if not isinstance(answer, DomainError)}
        assert let_in == {key for key, held in expected.items() if bit.name in held}
    views = views_of([member.user_id for member in scene.members])
    for member in scene.members:
        sight = views[member.user_id].servers[scene.server.pk]
        assert names(sight.permissions) == scene.may(member)
        for channel in scene.channels:
            assert names(sight.channels.get(channel.pk, 0)) == expected[member.user_id, channel.pk]


def test_explanations_and_memberships_agree_with_it(scene, api_as):
    chance = random.Random(scene.server.pk)
    for member in scene.members:
        api = api_as(member.user)
        me = api.get(f"/api/serverMembers/{scene.server.pk}/members/me").json()
        assert names(int(me["totalPermissions"])) == scene.may(member)
        for bit in chance.sample(BITS, 4):
            channel = chance.choice(scene.channels)
            asked = {"permission": bit.name, "channelId": channel.pk}
            told = api.get(f"/api/servers/{scene.server.pk}/permissions/explain", asked).json()
            assert told["granted"] is (bit.name in scene.may(member, channel)), (bit, told)
            elsewhere = api.get(f"/api/servers/{scene.server.pk}/permissions/explain", {"permission": bit.name}).json()
            assert elsewhere["granted"] is (bit.name in scene.may(member)), (bit, elsewhere)


def test_the_reference_tells_members_apart():
    """It would agree with anything if everybody could do everything, or nothing."""
    held = [
        frozenset(scene.may(member, channel))
        for scene in map(Scene, SEEDS)
        for member in scene.members
        for channel in scene.channels
    ]
    assert len(set(held)) > 20
    assert frozenset() in held
