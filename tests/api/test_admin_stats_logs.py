"""`/api/admin/stats` and `/api/admin/logs`."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import user_block
from audit.services import audit_checkpoint
from messaging.models import Message
from messaging.services import message_create
from projectvoice.kernel.serializers import iso
from servers.services.servers import server_block
from tests.api.world import is_error
from tests.factories import make_channel, make_server, make_user

pytestmark = pytest.mark.django_db
STATS, LOGS = "/api/admin/stats", "/api/admin/logs"


@pytest.fixture
def admin():
    return make_user(username="chief", role="admin")


@pytest.mark.parametrize("path", [STATS, LOGS])
def test_administrators_only(api_as, admin, path):
    assert is_error(api_as().get(path), 401)
    for role in ("user", "moderator"):
        assert is_error(api_as(make_user(role=role)).get(path), 403)
    assert api_as(admin).get(path).status_code == api_as(admin).get(f"{path}/").status_code == 200


def test_an_empty_instance_counts_to_zero(api_as, admin):
    stats = api_as(admin).get(STATS).json()
    assert stats == {
        "users": {"total": 1, "active": 1, "blocked": 0, "byRole": {"admin": 1, "moderator": 0, "user": 0}},
        "servers": {"total": 0, "active": 0, "blocked": 0, "withChannels": 0},
        "channels": {"total": 0, "text": 0, "voice": 0},
        "messages": {"total": 0, "today": 0},
    }


def test_everything_is_counted(api_as, admin, django_assert_num_queries):
    make_user(role="moderator")
    owner = make_user()
    user_block(user=make_user(), by=None, reason="spam")
    server = make_server(owner)
    server_block(server=make_server(owner), by=None, reason="spam")
    make_channel(server)
    channel = make_channel(server, "text")
    for number in range(7):
        message_create(channel=channel, user=owner, content=str(number))
    old = Message.objects.order_by("pk").values_list("pk", flat=True)[:4]
    Message.objects.filter(pk__in=list(old)).update(created_at=timezone.now() - timedelta(days=2))
    api = api_as(admin)
    with django_assert_num_queries(1 + 6):
        stats = api.get(STATS).json()
    assert stats == {
        "users": {"total": 4, "active": 3, "blocked": 1, "byRole": {"admin": 1, "moderator": 1, "user": 2}},
        "servers": {"total": 2, "active": 1, "blocked": 1, "withChannels": 1},
        "channels": {"total": 2, "text": 1, "voice": 1},
        "messages": {"total": 7, "today": 3},
    }


@pytest.mark.parametrize("old", range(6))
def test_the_first_message_of_today_is_found_wherever_it_is(api_as, admin, old):
    server = make_server()
    channel = make_channel(server, "text")
    sent = [message_create(channel=channel, user=server.owner, content="x")[0].pk for _ in range(8)]
    Message.objects.filter(pk__in=[sent[2], sent[5], sent[6]]).delete()  # gaps
    left = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    Message.objects.filter(pk__in=left[:old]).update(created_at=timezone.now() - timedelta(days=1))
    assert api_as(admin).get(STATS).json()["messages"]["today"] == 5 - old


def test_logs_are_paged_newest_first(api_as, admin, django_assert_num_queries):
    api, users = api_as(admin), [make_user() for _ in range(3)]
    empty = api.get(LOGS).json()
    assert empty == {
        **{"system": "", "errors": "", "access": "", "logs": [], "checkpoint": None},
        **{"total": 0, "page": 1, "limit": 20, "totalPages": 0},
    }
    for user in users:
        api.post(f"/api/admin/users/{user.pk}/block", {"reason": "spam\nand more"})
    with django_assert_num_queries(4):  # token, head, entries, checkpoint
        page = api.get(LOGS, {"limit": 2}).json()
    assert [entry["targetId"] for entry in page["logs"]] == [users[2].pk, users[1].pk]
    assert (page["total"], page["page"], page["limit"], page["totalPages"]) == (3, 1, 2, 2)
    entry = page["logs"][0]
    assert entry == {
        "id": 3,
        "at": entry["at"],
        "actorId": admin.pk,
        "actorName": "chief",
        "action": "user.block",
        "targetType": "user",
        "targetId": users[2].pk,
        "targetName": users[2].username,
        "before": {"role": "user", "isActive": True, "blockReason": None},
        "after": {"role": "user", "isActive": False, "blockReason": "spam\nand more"},
        "reason": "spam\nand more",
        "address": "127.0.0.1",
        "hash": entry["hash"],
    }
    assert (
        page["system"].split("\n")[0] == f"{entry['at']} chief user.block user {users[2].pk} {users[2].username}: spam and more"
    )
    assert [entry["targetId"] for entry in api.get(LOGS, {"limit": 2, "page": 2}).json()["logs"]] == [users[0].pk]
    assert api.get(LOGS, {"page": 10**12}).json()["logs"] == []
    assert is_error(api.get(LOGS, {"page": "0"}), 400)
    signed = audit_checkpoint("instance")
    assert api.get(LOGS).json()["checkpoint"] == {
        "sequence": 3,
        "hash": entry["hash"],
        "at": iso(signed.at),
        "keyId": signed.key_id,
        "signature": signed.signature,
    }
