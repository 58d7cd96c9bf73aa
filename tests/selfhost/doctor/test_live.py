"""A running instance examines itself, as one that is called by its own address."""

import pytest

from tests.conftest import Instance
from tests.selfhost.doctor.relays import REALM, SECRET


@pytest.fixture
def moderator(instance: Instance) -> str:
    """Whose token this is."""
    signed_up = instance.sign_up("doctor")
    change = f"User.objects.filter(pk={signed_up['user']['id']}).update(role='moderator')"
    instance.manage("shell", "-c", f"from accounts.models import User; {change}")
    return signed_up["token"]


def test_an_instance_with_a_relay_is_healthy(instance, moderator, coturn):
    with coturn() as place:
        told = {"TURN": "on", "TURN_PORT": str(place.port), "TURN_SECRET": SECRET, "TURN_REALM": REALM}
        own = Instance(instance.env | told)
        own.env["ALLOWED_ORIGINS"] = own.url
        own.start()
        try:
            answer = own.api("GET", "/voice/doctor", moderator).json()
        finally:
            own.stop()
    ill = [check for check in answer["checks"] if check["status"] not in {"ok", "skipped"}]
    assert (answer["healthy"], ill) == (True, [])
    seen = {check["name"] for check in answer["checks"] if check["status"] == "ok"}
    assert {"websocket-socketio", "websocket-socket", "websocket-bare", "turn-udp", "turn-tcp", "turn-ports", "valkey"} <= seen
