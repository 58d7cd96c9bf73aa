"""`/api/admin/users`: who looks, who changes, and what stays behind in the log."""

from datetime import datetime

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import user_block, user_delete
from audit.models import AuditEntry
from audit.selectors import audit_fault
from projectvoice.kernel.events import AccessChanged, AccessEnded
from servers.models import Server
from tests.api.world import is_error
from tests.factories import PASSWORD, make_member, make_server, make_user

pytestmark = pytest.mark.django_db
USERS = "/api/admin/users"
UNKNOWN = 2**40
ROW = {
    *("id", "username", "email", "role", "isActive", "profilePicture", "status", "tag", "isBot", "createdAt", "updatedAt"),
    *("blockedAt", "blockedBy", "blockReason", "blockedByUser", "serverCount"),
}


@pytest.fixture
def admin():
    return make_user(username="chief", role="admin")


@pytest.fixture
def moderator():
    return make_user(role="moderator")


@pytest.fixture
def boris():
    return make_user(username="boris", email="Boris@example.org")


def entries() -> list[tuple]:
    return list(AuditEntry.objects.order_by("sequence").values_list("action", "target_id", "before", "after", "reason"))


def found(api: APIClient, **query: object) -> set[str]:
    answer = api.get(USERS, query)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["total"] == len(answer.json()["users"])
    return {row["username"] for row in answer.json()["users"]}


WRITES = [
    ("put", "", {"role": "moderator"}),
    ("post", "/block", {"reason": "spam"}),
    ("post", "/unblock", None),
    ("delete", "", None),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_only_an_administrator_changes_users(api_as, admin, moderator, boris, method, path, body):
    if path == "/unblock":
        user_block(user=boris, by=None, reason="spam")
    url, before = f"{USERS}/{boris.pk}{path}", User.objects.filter(pk=boris.pk).values().get()
    assert is_error(getattr(api_as(), method)(url, body), 401)
    for user in (make_user(), moderator):
        assert is_error(getattr(api_as(user), method)(url, body), 403)
    assert User.objects.filter(pk=boris.pk).values().get() == before
    assert entries() == []
    assert getattr(api_as(admin), method)(f"{url}/", body).status_code == 200
    assert User.objects.filter(pk=boris.pk).values().first() != before
    assert len(entries()) == 1
    assert audit_fault("instance") is None


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_nobody_acts_on_himself(api_as, admin, method, path, body):
    make_user(role="admin")
    assert is_error(getattr(api_as(admin), method)(f"{USERS}/{admin.pk}{path}", body), 400)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active, entries()) == ("admin", True, [])


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_an_unknown_user_is_404_before_the_body_is_read(api_as, admin, method, path, body):
    for id in (UNKNOWN, 10**30):
        assert is_error(getattr(api_as(admin), method)(f"{USERS}/{id}{path}", {"reason": 7, "role": 7}), 404)


def test_moderators_and_administrators_read(api_as, admin, moderator, boris):
    for path in (USERS, f"{USERS}/{boris.pk}"):
        assert is_error(api_as().get(path), 401)
        assert is_error(api_as(boris).get(path), 403)
        assert api_as(moderator).get(path).status_code == api_as(admin).get(f"{path}/").status_code == 200


def test_a_user_as_the_panel_shows_him(api_as, admin, boris):
    make_member(make_server(), user=boris)
    make_server(owner=boris)
    user_block(user=boris, by=admin, reason="spam")
    boris.refresh_from_db()
    answer = api_as(admin).get(f"{USERS}/{boris.pk}")
    row = answer.json()
    assert row == {
        "id": boris.pk,
        "username": "boris",
        "email": "Boris@example.org",
        "role": "user",
        "isActive": False,
        "profilePicture": None,
        "status": "offline",
        "tag": boris.tag,
        "isBot": False,
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
        "blockedAt": row["blockedAt"],
        "blockedBy": admin.pk,
        "blockReason": "spam",
        "blockedByUser": {"id": admin.pk, "username": "chief"},
        "serverCount": 2,
    }
    assert datetime.fromisoformat(row["blockedAt"]).replace(microsecond=0) == boris.blocked_at.replace(microsecond=0)
    assert set(row) == ROW
    assert "password" not in answer.content.decode()
    assert boris.password not in api_as(admin).get(USERS).content.decode()


def test_pages_come_newest_first(api_as, admin):
    users = [admin, *(make_user() for _ in range(4))][::-1]
    api = api_as(admin)
    page = api.get(USERS, {"page": 2, "limit": 2}).json()
    assert [row["id"] for row in page.pop("users")] == [users[2].pk, users[3].pk]
    assert page == {"total": 5, "page": 2, "limit": 2, "totalPages": 3}
    assert api.get(USERS).json()["limit"] == 20
    assert api.get(USERS, {"limit": 10**6}).json()["limit"] == 100
    assert api.get(USERS, {"page": 9}).json()["users"] == []
    none = api.get(USERS, {"search": "nobody at all"}).json()
    assert (none["total"], none["totalPages"], none["users"]) == (0, 0, [])


def test_search_is_literal_and_knows_no_case(api_as, admin, moderator, boris):
    make_user(username="Ждан_Ёлкин", email="z@other.example")
    user_block(user=boris, by=None, reason="spam")
    api = api_as(admin)
    assert found(api, search="BOR") == found(api, search="boris@EXAMPLE.ORG") == {"boris"}
    assert found(api, search="ждан_ё") == found(api, search="ЖДАН") == found(api, search="z@OTHER") == {"Ждан_Ёлкин"}
    assert found(api, search="_") == {"Ждан_Ёлкин"}
    assert found(api, search="%") == found(api, search="\\") == set()
    assert found(api, role="moderator") == {moderator.username}
    assert found(api, status="blocked") == found(api, role="user", status="blocked", search="o") == {"boris"}
    assert found(api, status="active") == {"chief", "Ждан_Ёлкин", moderator.username}
    assert len(found(api, search="", role="", status="")) == 4


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"},
        {"limit": "x"},
        {"limit": "-1"},
        {"role": "owner"},
        {"role": "Admin"},
        {"status": "gone"},
        {"search": "a\0"},
        {"search": "a" * 255},
    ],
)
def test_a_bad_query_is_400(api_as, moderator, query):
    assert is_error(api_as(moderator).get(USERS, query), 400)


def test_the_list_costs_the_same_for_one_row_and_for_many(api_as, django_assert_num_queries, admin):
    api = api_as(admin)
    for _ in range(2):
        with django_assert_num_queries(3):  # token, count, rows
            answer = api.get(USERS)
        for _ in range(5):
            user_block(user=make_server().owner, by=make_user(role="admin"), reason="spam")
    assert answer.json()["total"] == 11


def test_a_role_counts_from_the_next_request_on(api_as, admin, boris, told):
    old = api_as(boris)
    assert is_error(old.get(USERS), 403)
    with told:
        answer = api_as(admin).put(f"{USERS}/{boris.pk}", {"role": "moderator"})
    row = answer.json()
    assert answer.status_code == 200
    assert row["message"] == "User updated"
    assert row["user"] == {name: row[name] for name in ROW}
    assert row["user"]["role"] == "moderator"
    assert told == [AccessChanged(user_id=boris.pk)]
    assert old.get(USERS).status_code == 200
    assert is_error(old.get("/api/admin/logs"), 403)
    assert entries() == [("user.role", boris.pk, {"role": "user"}, {"role": "moderator"}, None)]
    api_as(admin).put(f"{USERS}/{boris.pk}", {"role": "user"})
    assert is_error(old.get(USERS), 403)


def test_activity_is_changed_like_a_block(api_as, admin, boris, told):
    old, api, url = api_as(boris), api_as(admin), f"{USERS}/{boris.pk}"
    with told:
        row = api.put(url, {"isActive": False, "role": "moderator"}).json()
    assert (row["isActive"], row["role"], row["blockedBy"], row["blockReason"]) == (False, "moderator", admin.pk, None)
    assert {AccessChanged(user_id=boris.pk), AccessEnded(boris.pk)} <= set(told)
    assert is_error(old.get("/api/auth/me"), 403)
    row = api.put(url, {"isActive": True}).json()
    assert (row["isActive"], row["role"], row["blockedAt"], row["blockedByUser"]) == (True, "moderator", None, None)
    assert old.get("/api/auth/me").status_code == 200
    assert [entry[0] for entry in entries()] == ["user.role", "user.block", "user.unblock"]


@pytest.mark.parametrize("body", [{}, {"role": "user"}, {"isActive": True}, {"nickname": "x"}])
def test_what_changes_nothing_is_not_logged(api_as, admin, boris, body):
    assert api_as(admin).put(f"{USERS}/{boris.pk}", body).json()["user"]["role"] == "user"
    assert entries() == []


@pytest.mark.parametrize(
    "body", [{"role": "owner"}, {"role": None}, {"role": 1}, {"isActive": "yes"}, {"isActive": None}, [], "x", {"role": []}]
)
def test_bad_changes_are_400(api_as, admin, boris, body):
    assert is_error(api_as(admin).put(f"{USERS}/{boris.pk}", body), 400)
    assert is_error(api_as(admin).put(f"{USERS}/{boris.pk}", {"role": "admin", "isActive": 1}), 400)
    boris.refresh_from_db()
    assert (boris.role, boris.is_active, entries()) == ("user", True, [])


def test_block_and_unblock(api_as, admin, boris, told):
    old, api, url = api_as(boris), api_as(admin), f"{USERS}/{boris.pk}"
    assert is_error(api.post(f"{url}/unblock"), 400)
    with told:
        answer = api.post(f"{url}/block", {"reason": "  spam in every channel "})
    row = answer.json()
    assert (answer.status_code, row["message"], row["user"]["isActive"]) == (200, "User blocked", False)
    assert (row["blockReason"], row["blockedByUser"]["username"]) == ("spam in every channel", "chief")
    assert told == [AccessChanged(user_id=boris.pk), AccessEnded(boris.pk)]
    refused = old.get("/api/auth/me")
    assert is_error(refused, 403)
    assert (refused.json()["blockReason"], refused.json()["blockedBy"]) == ("spam in every channel", admin.pk)
    login = {"email": boris.email, "password": PASSWORD}
    assert is_error(api_as().post("/api/auth/login", login), 403)
    assert is_error(api.post(f"{url}/block", {"reason": "again"}), 400)
    row = api.post(f"{url}/unblock").json()
    assert (row["message"], row["user"]["isActive"], row["blockReason"]) == ("User unblocked", True, None)
    assert is_error(api.post(f"{url}/unblock"), 400)
    assert old.get("/api/auth/me").status_code == 200
    assert [(entry[0], entry[4]) for entry in entries()] == [("user.block", "spam in every channel"), ("user.unblock", None)]
    assert audit_fault("instance") is None


@pytest.mark.parametrize("reason", ["", "ab", "  a  ", None, 123, ["abc"], "a" * 501, "abc\0"])
def test_a_block_wants_a_reason(api_as, admin, boris, reason):
    api, url = api_as(admin), f"{USERS}/{boris.pk}/block"
    assert is_error(api.post(url, {"reason": reason}), 400)
    assert is_error(api.post(url), 400)
    boris.refresh_from_db()
    assert (boris.is_active, entries()) == (True, [])
    assert api.post(url, {"reason": "abc"}).status_code == 200


def test_delete_takes_the_account_and_what_is_his_alone(api_as, admin, boris, told):
    old, server = api_as(boris), make_server(owner=boris)
    with told:
        answer = api_as(admin).delete(f"{USERS}/{boris.pk}")
    assert (answer.status_code, answer.json()) == (200, {"message": "User deleted"})
    assert {AccessChanged(user_id=boris.pk), AccessEnded(boris.pk)} <= set(told)
    assert is_error(old.get("/api/auth/me"), 401)
    assert is_error(api_as(admin).get(f"{USERS}/{boris.pk}"), 404)
    assert not Server.objects.filter(pk=server.pk).exists()
    ((action, target, before, after, _),) = entries()
    assert (action, target, after, before["role"]) == ("user.delete", boris.pk, None, "user")
    assert AuditEntry.objects.get().target_name == "boris"


def test_an_owner_of_a_shared_server_is_not_deleted(api_as, admin, boris):
    server = make_server(owner=boris, name="Shared")
    make_member(server)
    answer = api_as(admin).delete(f"{USERS}/{boris.pk}")
    assert is_error(answer, 400)
    assert "Shared" in answer.json()["error"]
    assert User.objects.filter(pk=boris.pk).exists()
    assert entries() == []


def test_administrators_act_on_each_other_while_one_remains(api_as, admin):
    other = make_user(role="admin")
    assert api_as(admin).put(f"{USERS}/{other.pk}", {"role": "user"}).status_code == 200
    assert is_error(api_as(other).put(f"{USERS}/{admin.pk}", {"role": "user"}), 403)


def test_the_last_administrator_does_not_delete_his_account(api_as, admin, boris):
    blocked = make_user(role="admin")
    user_block(user=blocked, by=None, reason="spam")
    assert is_error(api_as(admin).delete("/api/users"), 400)
    assert User.objects.filter(pk=admin.pk).exists()
    make_user(role="admin")
    assert api_as(admin).delete("/api/users").status_code == 200
    assert api_as(boris).delete("/api/users").status_code == 200


def test_the_log_outlives_who_acted(api_as, admin, boris):
    api_as(admin).post(f"{USERS}/{boris.pk}/block", {"reason": "spam"})
    make_user(role="admin")
    number = admin.pk
    user_delete(user=admin)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_number, entry.actor_name) == (None, number, "chief")
    assert audit_fault("instance") is None


def test_texts_are_russian_by_default(api_as, admin, boris):
    api = api_as(admin)
    answer = api.post(f"{USERS}/{boris.pk}/block", {"reason": "спам"}, headers={"Accept-Language": "ru"})
    assert answer.json()["message"] == "Пользователь заблокирован"
