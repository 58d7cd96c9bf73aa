"""`/api/invite`."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from servers.models import Invite
from servers.services.invites import INVITES_PER_SERVER
from tests.api.world import UNKNOWN_TOKEN, is_error
from tests.factories import make_invite, make_member, make_server, make_user

pytestmark = pytest.mark.django_db
PUBLIC = {"id", "token", "serverId", "maxUses", "uses", "expiresAt"}


@pytest.fixture
def server():
    return make_server(name="Hall")


def test_a_new_invite_is_answered_as_sent(api_as, server):
    api, url = api_as(server.owner), f"/api/invite/{server.pk}/invite"
    answer = api.post(url, {"expiresAt": "2034-12-31T23:59:59.000Z", "maxUses": 10})
    assert answer.status_code == 201
    invite = answer.json()["invite"]
    row = Invite.objects.get()
    assert answer.json() == {
        "invite": {
            "id": row.pk,
            "token": str(row.token),
            "serverId": server.pk,
            "createdBy": server.owner_id,
            "maxUses": 10,
            "uses": 0,
            "expiresAt": "2034-12-31T23:59:59.000Z",
        }
    }
    assert UUID(invite["token"]).version == 4
    assert api.get(f"/api/invite/{server.pk}/invites").json() == [invite]


@pytest.mark.parametrize("body", [None, {}, {"maxUses": None, "expiresAt": None}])
def test_an_invite_without_limits_has_none(api_as, server, body):
    invite = api_as(server.owner).post(f"/api/invite/{server.pk}/invite", body).json()["invite"]
    assert (invite["maxUses"], invite["expiresAt"]) == (None, None)
    for _ in range(3):
        assert api_as(make_user()).post(f"/api/invite/invite/{invite['token']}/accept").status_code == 200


def test_the_public_page_is_flat_and_nested_and_says_nothing_more(api_as, server):
    invite = make_invite(server, max_uses=3)
    page = api_as().get(f"/api/invite/invite/{invite.token}")
    assert page.status_code == 200
    assert set(page.json()) == PUBLIC | {"invite", "server"}
    assert set(page.json()["invite"]) == PUBLIC
    assert page.json()["server"] == {"id": server.pk, "name": "Hall", "description": None, "icon": None}
    assert server.owner.username not in page.content.decode()
    stale = api_as(token="stale").get(f"/api/invite/invite/{invite.token}")
    assert stale.status_code == 200  # a public door stays open for a stale token


def test_accepting_joins_and_counts_once(api_as, server):
    invite, user = make_invite(server), make_user()
    api, url = api_as(user), f"/api/invite/invite/{invite.token}/accept"
    answer = api.post(url, content_type="application/json")  # as the web client sends it: the header, and no body
    assert answer.status_code == 200
    assert set(answer.json()) == {"message", "member", "server"}
    assert answer.json()["message"] == "User added to server"
    assert answer.json()["member"].items() >= {"userId": user.pk, "serverId": server.pk, "role": "member"}.items()
    assert answer.json()["server"] == api.get(f"/api/servers/{server.pk}").json()
    again = api.post(url)
    assert is_error(again, 400)
    assert again.json()["error"] == "Already a member of this server"
    assert Invite.objects.get().uses == 1


def test_a_used_up_invite_lets_nobody_in(api_as, server):
    invite = make_invite(server, max_uses=1)
    url = f"/api/invite/invite/{invite.token}"
    first, second = api_as(make_user()), api_as(make_user())
    assert first.post(f"{url}/accept").status_code == 200
    assert is_error(second.post(f"{url}/accept"), 400)
    assert is_error(api_as().get(url), 400)
    assert server.members.count() == 2


def test_an_expired_invite_lets_nobody_in(api_as, server):
    owner = api_as(server.owner)
    past = owner.post(f"/api/invite/{server.pk}/invite", {"expiresAt": "2020-01-01T00:00:00.000Z"})
    assert past.status_code == 201
    url = f"/api/invite/invite/{past.json()['invite']['token']}"
    assert is_error(api_as().get(url), 400)
    assert is_error(api_as(make_user()).post(f"{url}/accept"), 400)
    Invite.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert api_as().get(url).status_code == 200
    assert api_as(make_user()).post(f"{url}/accept").status_code == 200


def test_a_deleted_invite_lets_nobody_in(api_as, server):
    invite = make_invite(server)
    owner = api_as(server.owner)
    answer = owner.delete(f"/api/invite/{invite.pk}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_error(owner.delete(f"/api/invite/{invite.pk}"), 404)
    assert is_error(api_as().get(f"/api/invite/invite/{invite.token}"), 404)
    assert is_error(api_as(make_user()).post(f"/api/invite/invite/{invite.token}/accept"), 404)


@pytest.mark.parametrize("token", [UNKNOWN_TOKEN, UNKNOWN_TOKEN.replace("-", ""), "abc", "1", f"{UNKNOWN_TOKEN}x", "null"])
def test_an_unknown_token_is_not_found(api_as, token):
    assert is_error(api_as().get(f"/api/invite/invite/{token}"), 404)
    assert is_error(api_as(make_user()).post(f"/api/invite/invite/{token}/accept"), 404)


def test_an_admin_of_another_server_cannot_delete_an_invite(api_as, server):
    invite, other = make_invite(server), make_server()
    assert is_error(api_as(other.owner).delete(f"/api/invite/{invite.pk}"), 403)
    assert api_as(make_member(server, "admin").user).delete(f"/api/invite/{invite.pk}").status_code == 204


def test_the_invites_of_a_server_are_bounded(api_as, server):
    Invite.objects.bulk_create(Invite(server=server) for _ in range(INVITES_PER_SERVER - 1))
    api, url = api_as(server.owner), f"/api/invite/{server.pk}/invite"
    assert api.post(url).status_code == 201
    assert is_error(api.post(url), 400)
