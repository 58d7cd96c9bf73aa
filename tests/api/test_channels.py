"""`/api/servers/:serverId/channels`."""

import pytest

from servers.models import Channel
from servers.services.channels import CHANNELS_PER_SERVER
from tests.api.world import is_error
from tests.factories import make_channel, make_server

pytestmark = pytest.mark.django_db
CHANNEL = {
    *("id", "name", "type", "serverId", "description", "position", "createdAt", "updatedAt"),
    *("categoryId", "slowmode", "userLimit"),
}


@pytest.fixture
def server():
    return make_server()


def test_a_new_channel_is_text_unless_it_says_voice(api_as, server):
    api, url = api_as(server.owner), f"/api/servers/{server.pk}/channels"
    first = api.post(url, {"name": "general"})
    assert first.status_code == 201
    assert set(first.json()) == CHANNEL
    assert first.json().items() >= {"name": "general", "type": "text", "serverId": server.pk, "description": None}.items()
    assert api.post(url, {"name": "talk", "type": "voice"}).json()["type"] == "voice"
    assert is_error(api.post(url, {"name": "other", "type": "video"}), 400)
    assert is_error(api.post(url, {"name": "other", "type": None}), 400)
    assert [channel["name"] for channel in api.get(url).json()] == ["general", "talk"]


def test_channels_are_listed_by_position_then_age(api_as, server):
    api, url = api_as(server.owner), f"/api/servers/{server.pk}/channels"
    for name, position in (("c", 2**31 - 1), ("a", 0), ("b", 1), ("a2", 0)):
        assert api.post(url, {"name": name, "position": position}).json()["position"] == position
    assert [channel["name"] for channel in api.get(url).json()] == ["a", "a2", "b", "c"]
    assert api.post(url, {"name": "end"}).json()["position"] == 4


def test_a_channel_changes_by_the_keys_that_are_there(api_as, server):
    channel = make_channel(server, type="text", name="general")
    api, url = api_as(server.owner), f"/api/servers/{server.pk}/channels/{channel.pk}"
    assert (
        api.put(url, {"description": "all"}).json().items() >= {"name": "general", "type": "text", "description": "all"}.items()
    )
    assert api.put(url, {"type": "voice"}).json().items() >= {"type": "voice", "description": "all"}.items()
    assert api.put(url, {"name": "talk"}).json().items() >= {"name": "talk", "type": "voice"}.items()
    answer = api.put(url, {})
    assert answer.status_code == 200
    assert answer.json() == api.get(url).json()
    assert set(answer.json()) == CHANNEL


def test_a_deleted_channel_is_gone(api_as, server):
    channel, kept = make_channel(server), make_channel(server)
    api, url = api_as(server.owner), f"/api/servers/{server.pk}/channels/{channel.pk}"
    answer = api.delete(url)
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_error(api.get(url), 404)
    assert is_error(api.delete(url), 404)
    assert Channel.objects.get() == kept


def test_the_channels_of_a_server_are_bounded(api_as, server):
    Channel.objects.bulk_create(Channel(server=server, name="c", type="text") for _ in range(CHANNELS_PER_SERVER - 1))
    api, url = api_as(server.owner), f"/api/servers/{server.pk}/channels"
    assert api.post(url, {"name": "last"}).status_code == 201
    assert is_error(api.post(url, {"name": "one too many"}), 400)
