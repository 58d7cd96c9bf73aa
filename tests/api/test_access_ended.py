"""Whose access ends, and who merely has other rights than before: only the first is cut off by the relay."""

import pytest
from django.core.management import call_command

from accounts.services import SESSIONS_PER_USER, session_open, user_appoint, user_unblock
from projectvoice.kernel.events import AccessEnded
from selfhost.erasure import user_erase
from servers.services.members import member_add
from tests.factories import PASSWORD, make_role, make_server, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def server(owner):
    return make_server(owner)


@pytest.fixture
def member(server, boris):
    return member_add(server=server, user=boris)


@pytest.fixture
def ends(told, boris):
    """Whether the deeds done inside `with` ended his access, and nobody else's."""

    class Ends:
        def __enter__(self):
            told.__enter__()
            return self

        def __exit__(self, *error):
            told.__exit__(*error)

        def __bool__(self):
            ended = [event for event in told if isinstance(event, AccessEnded)]
            assert ended in ([], [AccessEnded(boris.pk)])
            return ended != []

    return Ends()


def path_of(member):
    return f"/api/serverMembers/{member.server_id}/members/{member.pk}"


def test_by_kick_and_by_ban(api_as, owner, member, server, boris, ends):
    with ends:
        assert api_as(owner).delete(path_of(member)).status_code == 204
    assert ends
    again = member_add(server=server, user=boris)
    with ends:
        assert api_as(owner).post(f"{path_of(again)}/ban", {"reason": "noise"}).status_code in {200, 201}
    assert ends


def test_by_log_out_here_there_and_everywhere(api_as, boris, ends):
    there, api = session_open(user=boris), api_as(boris)
    for path in (f"/api/auth/sessions/{there.pk}", "/api/auth/sessions/current"):
        with ends:
            assert api.delete(path).status_code == 204
        assert ends
    with ends:
        assert api_as(boris).delete("/api/auth/sessions").status_code == 204
    assert ends


def test_by_a_new_password_if_it_ended_a_session(api_as, boris, ends):
    api, url = api_as(boris), f"/api/auth/users/{boris.pk}/password"
    passwords = [PASSWORD, "password124", "password125"]
    with ends:
        assert api.put(url, dict(zip(("oldPassword", "newPassword"), passwords, strict=False))).status_code == 200
    assert not ends
    session_open(user=boris)
    with ends:
        assert api.put(url, dict(zip(("oldPassword", "newPassword"), passwords[1:], strict=True))).status_code == 200
    assert ends


def test_by_block_and_by_deletion(api_as, boris, ends):
    admin = make_user(role="admin")
    with ends:
        assert api_as(admin).put(f"/api/admin/users/{boris.pk}", {"isActive": False}).status_code == 200
    assert ends
    user_unblock(user=boris)
    with ends:
        call_command("block_user", boris.email)
    assert ends
    user_unblock(user=boris)
    with ends:
        assert api_as(boris).delete("/api/users").status_code == 200
    assert ends


def test_by_erasure(boris, told):
    with told:
        user_erase(user=boris, keep_messages=False)
    assert AccessEnded(boris.pk) in told


def test_not_by_what_only_changes_rights(api_as, owner, member, server, boris, ends):
    role = make_role(server)
    with ends:
        api = api_as(owner)
        assert api.put(f"{path_of(member)}/roles", {"roleIds": [role.pk]}).status_code == 200
        assert api.patch(f"{path_of(member)}/voice", {"isMuted": True}).status_code == 200
        assert api.put(path_of(member), {"role": "moderator"}).status_code == 200
        assert api.post(f"{path_of(member)}/move", {"channelId": None}).status_code == 200
        user_appoint(user=boris, role="moderator")
    assert not ends


def test_not_by_leaving_of_ones_own_will(api_as, member, boris, ends):
    with ends:
        assert api_as(boris).delete(f"/api/serverMembers/{member.server_id}/members/me").status_code == 204
    assert not ends


def test_not_by_signing_in_once_more_than_one_may(boris, ends):
    """The session that was unused for longest makes room; who signs in is the same person."""
    for _ in range(SESSIONS_PER_USER):
        session_open(user=boris)
    with ends:
        session_open(user=boris)
    assert not ends


def test_nothing_is_said_of_a_refused_kick(api_as, member, ends):
    stranger = api_as(make_user())
    with ends:
        assert stranger.delete(path_of(member)).status_code == 403
    assert not ends
