"""The audit log of a running instance: where acts came from, and what its operator does from the shell."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Instance

APPOINT = "from accounts.models import User; User.objects.filter(pk={}).update(role='admin')"


@pytest.fixture
def admin(instance: Instance) -> dict:
    admin = instance.sign_up("admin")
    instance.manage("shell", "-v0", "-c", APPOINT.format(admin["user"]["id"]))
    return admin


def test_acts_at_once_keep_their_own_addresses(instance: Instance, admin: dict):
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


def test_the_log_is_signed_exported_and_verified_from_the_shell(instance: Instance, admin: dict, tmp_path: Path):
    user_id = instance.sign_up()["user"]["id"]
    assert instance.api("POST", f"/admin/users/{user_id}/block", admin["token"], reason="spam").status_code == 200
    kept = tmp_path / "checkpoints.jsonl"
    kept.write_text(instance.manage("audit_checkpoint", "--export"))
    *_, newest = (line for line in map(json.loads, kept.read_text().splitlines()) if line["log"] == "instance")
    logs = instance.api("GET", "/admin/logs?limit=1", admin["token"]).json()
    assert (newest["sequence"], newest["hash"]) == (logs["total"], logs["logs"][0]["hash"])
    assert logs["checkpoint"]["signature"] == newest["signature"]
    public_key = instance.manage("audit_checkpoint").removeprefix("Public key: ").strip()
    assert "unbroken" in instance.manage("verify_audit", "--checkpoints", str(kept), "--public-key", public_key)
