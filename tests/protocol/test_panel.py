"""The panel beside running calls: who sits where on all workers, and how somebody is put out."""

import re

import pytest
import requests

from tests.conftest import PATIENCE, Instance
from tests.factories import PASSWORD
from tests.protocol.conftest import TWO_WORKERS, Cast, Connect
from tests.protocol.test_audit import APPOINT

CALLS = "from figures.models import Figure; print(sum(Figure.objects.filter(name='calls').values_list('total', flat=True)))"


class Chief:
    """An administrator with a browser."""

    def __init__(self, instance: Instance) -> None:
        self.base, self.http = f"{instance.url}/admin/", requests.Session()
        self.http.headers.update({"Accept-Language": "en"})
        account = instance.sign_up("chief")
        self.id = account["user"]["id"]
        self.token = account["token"]
        instance.manage("shell", "-v0", "-c", APPOINT.format(self.id))
        self.send("login/", login=account["user"]["email"], password=PASSWORD)

    def page(self, path: str) -> str:
        answer = self.http.get(self.base + path, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **fields: str) -> str:
        """The form of that page, filled in."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page(path))
        assert token is not None
        answer = self.http.post(self.base + path, {"csrfmiddlewaretoken": token[1], **fields}, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def chief(instance: Instance) -> Chief:
    return Chief(instance)


@TWO_WORKERS
async def test_calls_of_all_workers_are_shown_and_somebody_is_put_out(
    connect: Connect, instance: Instance, chief: Chief, cast: Cast, channel: int
) -> None:
    ann, bob = await connect(cast.ann, worker=0), await connect(cast.bob, worker=1)
    await ann.join(channel)
    await bob.join(channel)
    names = [user["user"]["username"] for user in (cast.ann, cast.bob)]
    page = chief.page("rooms/")
    assert "Server › call" in page
    assert all(name in page for name in names)

    out = f"rooms/put-out/?channel={channel}&user={cast.bob['user']['id']}"
    assert names[1] in chief.page(out)
    assert "Put out of the room" in chief.send(out, reason="noise")
    assert await ann.until("user-disconnected") == bob.id
    page = chief.page("rooms/")
    assert (names[0] in page, names[1] in page) == (True, False)
    entry = instance.api("GET", "/admin/logs?limit=1", chief.token).json()["logs"][0]
    assert (entry["action"], entry["targetType"], entry["targetId"]) == ("user.put_out", "user", cast.bob["user"]["id"])
    assert (entry["reason"], entry["actorId"], entry["address"]) == ("noise", chief.id, "127.0.0.1")
    assert chief.http.get(chief.base + out, timeout=PATIENCE).status_code == 404


async def test_a_call_is_a_room_in_which_nobody_sat(connect: Connect, instance: Instance, cast: Cast, channel: int) -> None:
    """Written down when the process ends, at the latest."""
    instance.stop()
    instance.start()  # what others counted before is written down
    before = calls(instance)
    ann, bob = await connect(cast.ann), await connect(cast.bob)
    for client in (ann, ann, bob):
        await client.join(channel)
    for client in (ann, bob):
        await client.say("leave-room", channel)
    await ann.settled(bob)
    await ann.join(channel)
    instance.stop()
    try:
        assert calls(instance) - before == 2
    finally:
        instance.start()


def calls(instance: Instance) -> int:
    return int(instance.manage("shell", "-v0", "-c", CALLS))
