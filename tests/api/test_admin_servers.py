"""`/api/admin/servers`."""

import pytest

from audit.models import AuditEntry
from audit.selectors import audit_fault
from projectvoice.kernel.events import AccessChanged
from servers.models import Channel, Server
from servers.services.servers import server_block
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_server, make_user

pytestmark = pytest.mark.django_db
SERVERS = "/api/admin/servers"
UNKNOWN = 2**40


@pytest.fixture
def admin():
    return make_user(username="chief", role="admin")


@pytest.fixture
def moderator():
    return make_user(role="moderator")


@pytest.fixture
def server():
    server = make_server(name="Harbour")
    make_member(server)
    make_channel(server)
    return server


def actions() -> list[tuple]:
    return list(
        AuditEntry.objects.filter(log="instance")
        .order_by("sequence")
        .values_list("action", "target_id", "target_name", "reason")
    )


def found(api, **query: object) -> list[str]:
    answer = api.get(SERVERS, query)
    assert answer.status_code == 200, answer.json()
    return [row["name"] for row in answer.json()["servers"]]


WRITES = [("post", "/block", {"reason": "spam"}), ("post", "/unblock", None), ("delete", "", None)]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_only_an_administrator_changes_servers(api_as, admin, moderator, server, method, path, body):
    if path == "/unblock":
        server_block(server=server, by=None, reason="spam")
    url, before = f"{SERVERS}/{server.pk}{path}", Server.objects.filter(pk=server.pk).values().get()
    assert is_error(getattr(api_as(), method)(url, body), 401)
    for user in (server.owner, moderator):
        assert is_error(getattr(api_as(user), method)(url, body), 403)
    assert Server.objects.filter(pk=server.pk).values().get() == before
    assert actions() == []
    assert is_error(getattr(api_as(admin), method)(f"{SERVERS}/{UNKNOWN}{path}", {"reason": 7}), 404)
    assert getattr(api_as(admin), method)(f"{url}/", body).status_code == 200
    assert Server.objects.filter(pk=server.pk).values().first() != before
    assert len(actions()) == 1


def test_moderators_and_administrators_read(api_as, admin, moderator, server):
    for path in (SERVERS, f"{SERVERS}/{server.pk}"):
        assert is_error(api_as().get(path), 401)
        assert is_error(api_as(server.owner).get(path), 403)
        assert api_as(moderator).get(path).status_code == api_as(admin).get(f"{path}/").status_code == 200
    assert is_error(api_as(moderator).get(f"{SERVERS}/{UNKNOWN}"), 404)


def test_a_server_as_the_panel_shows_it(api_as, moderator, admin, server):
    server_block(server=server, by=admin, reason="spam")
    row = api_as(moderator).get(f"{SERVERS}/{server.pk}").json()
    assert row == {
        "id": server.pk,
        "name": "Harbour",
        "description": None,
        "icon": None,
        "ownerId": server.owner_id,
        "owner": {"id": server.owner_id, "username": server.owner.username},
        "memberCount": 2,
        "channelCount": 1,
        "isBlocked": True,
        "blockedAt": row["blockedAt"],
        "blockedBy": admin.pk,
        "blockReason": "spam",
        "blockedByUser": {"id": admin.pk, "username": "chief"},
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
    }
    assert row["blockedAt"].endswith("Z")
    (listed,) = api_as(moderator).get(SERVERS).json()["servers"]
    assert listed == row


def test_pages_search_and_status(api_as, moderator):
    api = api_as(moderator)
    servers = [make_server(name=name) for name in ("100% Cats", "Кошки_дома", "dogs")]
    server_block(server=servers[2], by=None, reason="spam")
    assert found(api) == found(api, search="", status="") == ["dogs", "Кошки_дома", "100% Cats"]
    assert found(api, search="КОШКИ") == found(api, search="_") == ["Кошки_дома"]
    assert found(api, search="%") == found(api, search="cats") == ["100% Cats"]
    assert found(api, status="blocked") == ["dogs"]
    assert found(api, status="active", search="o") == []
    page = api.get(SERVERS, {"page": 2, "limit": 2}).json()
    assert [row["name"] for row in page.pop("servers")] == ["100% Cats"]
    assert page == {"total": 3, "page": 2, "limit": 2, "totalPages": 2}
    for query in ({"status": "gone"}, {"page": "0"}, {"limit": "x"}, {"search": "\0"}):
        assert is_error(api.get(SERVERS, query), 400)


def test_the_list_costs_the_same_for_one_row_and_for_many(api_as, django_assert_num_queries, admin):
    api = api_as(admin)
    for number in (1, 6):
        while Server.objects.count() < number:
            server = make_server()
            make_channel(server)
            make_member(server)
            server_block(server=server, by=make_user(role="admin"), reason="spam")
        with django_assert_num_queries(3):  # token, count, rows
            answer = api.get(SERVERS)
        assert answer.json()["total"] == number


def test_block_and_unblock(api_as, admin, server, told):
    owner, api, url = api_as(server.owner), api_as(admin), f"{SERVERS}/{server.pk}"
    assert is_error(api.post(f"{url}/unblock"), 400)
    with told:
        row = api.post(f"{url}/block", {"reason": "spam"}).json()
    assert (row["message"], row["isBlocked"], row["server"]["blockReason"]) == ("Server blocked", True, "spam")
    assert row["server"] == {name: value for name, value in row.items() if name not in {"message", "server"}}
    assert told == [AccessChanged(server_id=server.pk)]
    assert is_error(owner.get(f"/api/servers/{server.pk}"), 403)
    assert owner.get("/api/servers").json() == []
    assert is_error(api.post(f"{url}/block", {"reason": "again"}), 400)
    with told:
        row = api.post(f"{url}/unblock").json()
    assert (row["message"], row["server"]["isBlocked"], row["blockedAt"]) == ("Server unblocked", False, None)
    assert (row["blockedBy"], row["blockReason"], row["blockedByUser"]) == (None, None, None)
    assert told == [AccessChanged(server_id=server.pk)]
    assert is_error(api.post(f"{url}/unblock"), 400)
    assert owner.get(f"/api/servers/{server.pk}").status_code == 200
    name = (server.pk, "Harbour")
    assert actions() == [("server.block", *name, "spam"), ("server.unblock", *name, None)]
    assert audit_fault("instance") is None


@pytest.mark.parametrize("body", [None, {}, {"reason": "ab"}, {"reason": " a "}, {"reason": 1234}, {"reason": None}, []])
def test_a_block_wants_a_reason(api_as, admin, server, body):
    assert is_error(api_as(admin).post(f"{SERVERS}/{server.pk}/block", body), 400)
    server.refresh_from_db()
    assert (server.is_blocked, actions()) == (False, [])


def test_delete_takes_everything_in_it(api_as, admin, server, told):
    with told:
        answer = api_as(admin).delete(f"{SERVERS}/{server.pk}")
    assert (answer.status_code, answer.json()) == (200, {"message": "Server deleted"})
    assert AccessChanged(server_id=server.pk) in told
    assert not Channel.objects.filter(server_id=server.pk).exists()
    assert is_error(api_as(server.owner).get(f"/api/servers/{server.pk}"), 404)
    assert is_error(api_as(admin).delete(f"{SERVERS}/{server.pk}"), 404)
    assert actions() == [("server.delete", server.pk, "Harbour", None)]
