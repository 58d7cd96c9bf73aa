"""An entry of the audit log says where its act came from, however many requests are answered at once."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor

from tests.conftest import Instance

APPOINT = "from accounts.models import User; User.objects.filter(pk={}).update(role='admin')"


def test_acts_at_once_keep_their_own_addresses(instance: Instance):
    admin = instance.sign_up("admin")
    instance.manage("shell", "-v0", "-c", APPOINT.format(admin["user"]["id"]))
    user_ids = [instance.sign_up()["user"]["id"] for _ in range(24)]
    came_from = {user_id: f"127.0.0.{2 + number % 12}" for number, user_id in enumerate(user_ids)}

    def block(user_id: int) -> int:
        link = http.client.HTTPConnection("127.0.0.1", instance.port, 30, source_address=(came_from[user_id], 0))
        headers = {"Authorization": f"Bearer {admin['token']}", "Content-Type": "application/json"}
        link.request("POST", f"/api/admin/users/{user_id}/block", json.dumps({"reason": "spam"}), headers)
        status = link.getresponse().status
        link.close()
        return status

    with ThreadPoolExecutor(len(user_ids)) as threads:
        assert list(threads.map(block, user_ids)) == [200] * len(user_ids)
    logs = instance.api("GET", "/admin/logs?limit=100", admin["token"]).json()["logs"]
    assert {entry["targetId"]: entry["address"] for entry in logs if entry["actorId"] == admin["user"]["id"]} == came_from
