"""`GET /api/voice/ice-servers`: addresses that a browser can use as they are, and credentials that the relay takes."""

import base64
import hashlib
import hmac
import time

import pytest

from tests.api.world import is_error
from tests.factories import make_user
from turn.keys import secrets

pytestmark = pytest.mark.django_db
URL = "/api/voice/ice-servers"
SECRET = "north wind"


@pytest.fixture(autouse=True)
def relay(settings):
    settings.STUN_URLS, settings.TURN, settings.TURN_URLS, settings.TURN_HOST = None, True, [], ""
    settings.TURN_PORT, settings.TURN_TLS_PORT, settings.TURN_CERTIFICATE = 3478, 5349, ""
    settings.TURN_SECRET, settings.TURN_TTL = [SECRET], 600
    return settings


@pytest.fixture
def user():
    return make_user()


def stun_and_turn(answer):
    """Without credentials first, with credentials then: what browsers take for STUN and for a relay."""
    assert answer.status_code == 200, answer.content
    stun, turn = answer.json()["iceServers"]
    assert stun.keys() == {"urls"}
    assert turn.keys() == {"urls", "username", "credential"}
    return stun["urls"], turn


def password(secret, username):
    """As coturn's manual has it: base64(HMAC-SHA1(secret, username))."""
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()


def test_ice_servers_are_the_relay_under_the_name_the_client_knows(api_as, user):
    stun, turn = stun_and_turn(api_as(user).get(URL, HTTP_HOST="voice.example.com"))
    assert stun == ["stun:voice.example.com:3478"]
    assert turn["urls"] == ["turn:voice.example.com:3478?transport=udp", "turn:voice.example.com:3478?transport=tcp"]
    assert is_error(api_as().get(URL), 401)


def test_credentials_are_the_callers_and_for_a_time(api_as, user):
    before = int(time.time())
    answer = api_as(user).get(URL)
    after = int(time.time())
    _, turn = stun_and_turn(answer)
    expiry, _, whose = turn["username"].partition(":")
    assert before + 600 <= int(expiry) <= after + 600
    assert whose == str(user.pk)
    assert turn["credential"] == password(SECRET, turn["username"])
    assert answer.json()["ttl"] == 600
    other = make_user()
    assert stun_and_turn(api_as(other).get(URL))[1]["username"].endswith(f":{other.pk}")


def test_nobody_keeps_the_answer(api_as, user):
    assert api_as(user).get(URL)["Cache-Control"] == "no-store"


def test_of_two_secrets_the_first_mints(api_as, user, relay):
    relay.TURN_SECRET = ["new", "old"]
    _, turn = stun_and_turn(api_as(user).get(URL))
    assert turn["credential"] == password("new", turn["username"])


def test_without_a_secret_there_is_one_that_is_not_the_signing_key(api_as, user, relay):
    relay.TURN_SECRET = []
    (own,) = secrets()
    _, turn = stun_and_turn(api_as(user).get(URL))
    assert turn["credential"] == password(own, turn["username"])
    assert relay.SECRET_KEY not in own
    relay.SECRET_KEY = relay.SECRET_KEY[::-1]
    assert secrets() != [own]


@pytest.mark.parametrize(
    ("asked_by", "name"),
    [
        ("voice.example.com", "voice.example.com"),
        ("voice.example.com:8443", "voice.example.com"),
        ("Voice.Example.com.", "voice.example.com"),
        ("192.0.2.7:5000", "192.0.2.7"),
        ("[2001:db8::7]", "[2001:db8::7]"),
        ("[2001:db8::7]:5000", "[2001:db8::7]"),
        ("localhost:5000", "localhost"),
    ],
)
def test_a_host_gives_its_name_and_the_settings_the_port(api_as, user, relay, asked_by, name):
    relay.TURN_PORT = 3500
    stun, turn = stun_and_turn(api_as(user).get(URL, HTTP_HOST=asked_by))
    assert stun == [f"stun:{name}:3500"]
    assert turn["urls"] == [f"turn:{name}:3500?transport=udp", f"turn:{name}:3500?transport=tcp"]


def test_a_name_by_setting_wins_over_the_host(api_as, user, relay):
    relay.TURN_HOST = "turn.example.com"
    stun, turn = stun_and_turn(api_as(user).get(URL, HTTP_HOST="voice.example.com"))
    assert stun == ["stun:turn.example.com:3478"]
    assert all(url.startswith("turn:turn.example.com:3478?") for url in turn["urls"])


def test_a_host_that_is_not_ours_is_refused(api_as, user, relay):
    relay.ALLOWED_HOSTS = ["voice.example.com"]
    assert is_error(api_as(user).get(URL, HTTP_HOST="evil.example.com"), 400)
    assert is_error(api_as(user).get(URL, HTTP_HOST="voice.example.com/@evil"), 400)
    relay.USE_X_FORWARDED_HOST = False
    stun, _ = stun_and_turn(api_as(user).get(URL, HTTP_HOST="voice.example.com", HTTP_X_FORWARDED_HOST="evil.example.com"))
    assert stun == ["stun:voice.example.com:3478"]


def test_with_a_certificate_the_relay_is_also_reached_over_tls(api_as, user, relay):
    relay.TURN_CERTIFICATE, relay.TURN_TLS_PORT = "/etc/ssl/turn.pem", 443
    _, turn = stun_and_turn(api_as(user).get(URL, HTTP_HOST="voice.example.com"))
    assert turn["urls"][2:] == ["turns:voice.example.com:443?transport=tcp"]


def test_external_relays_stand_in_for_ours(api_as, user, relay):
    relay.TURN_CERTIFICATE = "/etc/ssl/turn.pem"
    relay.TURN_URLS = [
        "turn:one.example.com",
        "turn:one.example.com?transport=tcp",
        "turn:[2001:db8::1]:3500?transport=udp",
        "turns:one.example.com:443?transport=tcp",
    ]
    stun, turn = stun_and_turn(api_as(user).get(URL))
    assert stun == ["stun:one.example.com", "stun:[2001:db8::1]:3500"]
    assert turn["urls"] == relay.TURN_URLS
    assert turn["credential"] == password(SECRET, turn["username"])


def test_relays_that_only_speak_tcp_are_no_stun_servers(api_as, user, relay):
    relay.TURN_URLS = ["turns:one.example.com:443?transport=tcp"]
    (turn,) = api_as(user).get(URL).json()["iceServers"]
    assert turn["urls"] == relay.TURN_URLS


def test_stun_servers_by_setting_win_over_the_relay(api_as, user, relay):
    relay.STUN_URLS = ["stun:stun.example.com:3478"]
    stun, turn = stun_and_turn(api_as(user).get(URL))
    assert stun == ["stun:stun.example.com:3478"]
    assert len(turn["urls"]) == 2
    relay.STUN_URLS = []
    (turn,) = api_as(user).get(URL).json()["iceServers"]
    assert turn["urls"][0].startswith("turn:")


def test_without_relay_there_is_stun_only(api_as, user, relay):
    relay.TURN, relay.TURN_URLS = False, ["turn:one.example.com"]
    (public,) = api_as(user).get(URL).json()["iceServers"]
    assert public == {"urls": ["stun:stun.l.google.com:19302"]}
    relay.STUN_URLS = ["stun:stun.example.com:3478"]
    assert api_as(user).get(URL).json() == {"iceServers": [{"urls": relay.STUN_URLS}], "ttl": 600}
    relay.STUN_URLS = []
    assert api_as(user).get(URL).json() == {"iceServers": [], "ttl": 600}
