"""Twenty at once, on a real PostgreSQL, each in a thread and with a connection of its own: every outcome is a serial one."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import User
from accounts.services import admin_ensure, session_begin, user_delete, user_register
from servers.models import Ban, Channel, Invite, Member, Server
from servers.services.servers import server_create
from tests.factories import PASSWORD, make_channel, make_invite, make_member, make_server, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list:
    """All calls begin together; what each returned, in their order. A status code stands for an answer."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(20)
            result = call()
            return getattr(result, "status_code", result)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def statuses(calls: Iterable[Callable[[], object]]) -> Counter:
    return Counter(at_once(*calls))


def waiters() -> int:
    """How many wait for somebody's lock in this database: others on the same PostgreSQL are no business of the caller's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction goes on seeing who was there at first
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return cursor.fetchone()[0]


AT_ONCE = 20


def registration(api_as, username, email):
    return lambda: api_as().post("/api/auth/register", {"username": username, "email": email, "password": PASSWORD})


def test_one_email_in_any_letter_case_registers_once(api_as):
    emails = ["anna@example.com", "ANNA@example.com", "Anna@Example.Com", "anna@EXAMPLE.com"]
    calls = [registration(api_as, f"anna{number}", emails[number % 4]) for number in range(AT_ONCE)]
    assert statuses(calls) == {201: 1, 400: AT_ONCE - 1}
    assert User.objects.count() == 1


def test_one_username_in_any_letter_case_registers_once(api_as):
    names = ["anna", "ANNA", "Anna", "ａｎｎａ"]
    calls = [registration(api_as, names[number % 4], f"a{number}@example.com") for number in range(AT_ONCE)]
    assert statuses(calls) == {201: 1, 400: AT_ONCE - 1}
    assert User.objects.count() == 1


def test_one_name_is_taken_by_one_of_many(api_as):
    clients = [api_as(make_user()) for _ in range(AT_ONCE)]
    assert statuses(lambda api=api: api.put("/api/users", {"username": "Anna"}) for api in clients) == {
        200: 1,
        400: AT_ONCE - 1,
    }
    assert User.objects.filter(username="Anna").count() == 1


def test_an_invite_for_five_lets_in_five(api_as):
    server = make_server()
    invite = make_invite(server, max_uses=5)
    clients = [api_as(make_user()) for _ in range(AT_ONCE)]
    url = f"/api/invite/invite/{invite.token}/accept"
    assert statuses(lambda api=api: api.post(url) for api in clients) == {200: 5, 400: AT_ONCE - 5}
    assert (server.members.count(), Invite.objects.get().uses) == (6, 5)


def test_one_user_accepting_many_times_joins_and_counts_once(api_as):
    server, user = make_server(), make_user()
    invite = make_invite(server)
    clients = [api_as(user) for _ in range(AT_ONCE)]
    url = f"/api/invite/invite/{invite.token}/accept"
    assert statuses(lambda api=api: api.post(url) for api in clients) == {200: 1, 400: AT_ONCE - 1}
    assert (server.members.count(), Invite.objects.get().uses) == (2, 1)


def test_accepting_against_deleting_the_invite_agrees(api_as):
    server = make_server()
    invite = make_invite(server)
    owner, clients = api_as(server.owner), [api_as(make_user()) for _ in range(AT_ONCE - 1)]
    url = f"/api/invite/invite/{invite.token}/accept"
    gone, *answers = at_once(
        lambda: owner.delete(f"/api/invite/{invite.pk}"), *(lambda api=api: api.post(url) for api in clients)
    )
    assert gone == 204
    assert set(answers) <= {200, 404}
    assert server.members.count() == 1 + answers.count(200)


def test_accepting_against_being_added_joins_once(api_as):
    server, user = make_server(), make_user()
    invite = make_invite(server)
    owner, guest = [api_as(server.owner) for _ in range(4)], [api_as(user) for _ in range(4)]
    calls = [lambda api=api: api.post(f"/api/serverMembers/{server.pk}/members", {"userId": user.pk}) for api in owner]
    calls += [lambda api=api: api.post(f"/api/invite/invite/{invite.token}/accept") for api in guest]
    answers = at_once(*calls)
    assert sorted(answers) in ([200, *[400] * 7], [201, *[400] * 7])
    assert (server.members.count(), Invite.objects.get().uses) == (2, answers.count(200))


def test_a_ban_against_coming_back_leaves_nobody_banned_inside(api_as):
    server = make_server()
    member = make_member(server)
    invite = make_invite(server)
    owner, guest = api_as(server.owner), [api_as(member.user) for _ in range(6)]
    ban = f"/api/serverMembers/{server.pk}/members/{member.pk}/ban"
    answers = at_once(
        lambda: owner.post(ban), *(lambda api=api: api.post(f"/api/invite/invite/{invite.token}/accept") for api in guest)
    )
    assert answers[0] == 200
    assert set(answers[1:]) <= {400, 403}
    assert Ban.objects.count() == 1
    assert not Member.objects.filter(user=member.user).exists()


@pytest.mark.parametrize("what", ["server", "channel", "member", "invite", "ban"])
def test_deleting_many_times_succeeds_once(api_as, what):
    server = make_server()
    channel, member, banned = make_channel(server), make_member(server), make_user()
    invite = make_invite(server)
    Ban.objects.create(server=server, user=banned)
    path = {
        "server": f"/api/servers/{server.pk}",
        "channel": f"/api/servers/{server.pk}/channels/{channel.pk}",
        "member": f"/api/serverMembers/{server.pk}/members/{member.pk}",
        "invite": f"/api/invite/{invite.pk}",
        "ban": f"/api/servers/{server.pk}/bans/{banned.pk}",
    }[what]
    clients = [api_as(server.owner) for _ in range(AT_ONCE)]
    assert statuses(lambda api=api: api.delete(path) for api in clients) == {204: 1, 404: AT_ONCE - 1}


def test_banning_many_times_bans_once(api_as):
    server = make_server()
    member = make_member(server)
    path = f"/api/serverMembers/{server.pk}/members/{member.pk}/ban"
    clients = [api_as(server.owner) for _ in range(AT_ONCE)]
    assert statuses(lambda api=api: api.post(path) for api in clients) == {200: 1, 404: AT_ONCE - 1}
    assert Ban.objects.count() == 1


def test_deleting_an_account_many_times_succeeds_once(api_as):
    user = make_user()
    make_server(user)
    clients = [api_as(user) for _ in range(AT_ONCE)]
    found = statuses(lambda api=api: api.delete("/api/users") for api in clients)
    assert found[200] == 1
    assert set(found) <= {200, 401, 404}
    assert not Server.objects.exists()


def test_leaving_many_times_succeeds_once(api_as):
    member = make_member(make_server())
    clients = [api_as(member.user) for _ in range(AT_ONCE)]
    found = statuses(lambda api=api: api.delete(f"/api/serverMembers/{member.server_id}/members/me") for api in clients)
    assert found[204] == 1
    assert set(found) <= {204, 403, 404}


def test_work_in_a_server_against_its_end_leaves_nothing_behind(api_as):
    server = make_server()
    invite = make_invite(server)
    owner, guests = api_as(server.owner), [api_as(make_user()) for _ in range(4)]
    calls = [lambda api=api: api.post(f"/api/invite/invite/{invite.token}/accept") for api in guests]
    calls += [lambda api=owner: api.post(f"/api/servers/{server.pk}/channels", {"name": "c"})] * 3
    calls += [lambda api=owner: api.post(f"/api/invite/{server.pk}/invite")] * 3
    calls += [lambda api=owner: api.put(f"/api/servers/{server.pk}", {"name": "n"})] * 2
    gone, *answers = at_once(lambda: owner.delete(f"/api/servers/{server.pk}"), *calls)
    assert gone == 204
    assert set(answers) <= {200, 201, 404}
    assert not any(table.objects.exists() for table in (Server, Channel, Member, Invite))


def test_new_things_of_an_account_against_its_end_leave_nothing_behind(api_as):
    user = make_user(email="anna@example.com")
    place = make_server()
    invite = make_invite(place)
    stranger, here, credentials = api_as(), api_as(user), {"email": "anna@example.com", "password": PASSWORD}
    calls = [lambda: stranger.post("/api/auth/login", credentials)] * 5
    calls += [lambda: here.post("/api/servers", {"name": "s"})] * 4
    calls += [lambda: here.post(f"/api/invite/invite/{invite.token}/accept")] * 3
    gone, *answers = at_once(lambda: here.delete("/api/users"), *calls)
    assert gone == 200
    assert set(answers) <= {200, 201, 400, 401, 404}
    assert not User.objects.filter(pk=user.pk).exists()
    assert [server.pk for server in Server.objects.all()] == [place.pk]


@pytest.mark.parametrize("write", [session_begin, server_create])
def test_a_row_for_an_account_that_has_just_gone_is_404_and_no_bug(api_as, monkeypatch, write):
    """The worst moment, made certain: the account goes after the token was read and before the row is stored."""
    user = make_user(email="anna@example.com")
    api, module = (api_as(), "accounts.api.auth") if write is session_begin else (api_as(user), "servers.api.servers")

    def too_late(**fields):
        at_once(lambda: user_delete(user=user))
        return write(**fields)

    monkeypatch.setattr(f"{module}.{write.__name__}", too_late)
    if write is session_begin:
        answer = api.post("/api/auth/login", {"email": "anna@example.com", "password": PASSWORD})
    else:
        answer = api.post("/api/servers", {"name": "s"})
    assert (answer.status_code, answer.json()["code"]) == (404, 404)


def test_two_starts_at_once_make_one_administrator():
    calls = [lambda number=number: admin_ensure(email=f"admin{number}@example.com", password=PASSWORD) for number in range(2)]
    made = [user for user in at_once(*calls) if user is not None]
    assert len(made) == 1
    assert User.objects.get(role="admin") == made[0]


def test_an_administrator_who_is_there_already_stays_the_only_one():
    user_register(username="boss", email="boss@example.com", password=PASSWORD, role="admin")
    assert at_once(*[lambda: admin_ensure(email="admin@example.com", password=PASSWORD)] * 3) == [None] * 3
    assert User.objects.count() == 1
