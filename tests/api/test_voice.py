"""What calls say over REST: how peers find a way to each other, and which open rooms there are."""

import pytest

from tests.api.world import is_error
from tests.factories import make_user


@pytest.mark.django_db
def test_ice_servers_are_those_of_the_settings_and_for_the_signed_in(api_as, settings):
    settings.STUN_URLS = ["stun:stun.example.com:3478"]
    answer = api_as(make_user()).get("/api/voice/ice-servers")
    assert answer.status_code == 200
    assert answer.json() == {"iceServers": [{"urls": ["stun:stun.example.com:3478"]}], "ttl": 3600}
    assert is_error(api_as().get("/api/voice/ice-servers"), 401)


@pytest.mark.django_db
def test_without_stun_there_are_no_ice_servers(api_as, settings):
    settings.STUN_URLS = []
    assert api_as(make_user()).get("/api/voice/ice-servers").json() == {"iceServers": [], "ttl": 3600}


def test_rooms_nobody_is_in_are_not_listed(api_as):
    answer = api_as().get("/rooms")
    assert (answer.status_code, answer.json()) == (200, {"rooms": {}, "total_rooms": 0, "total_users": 0})
