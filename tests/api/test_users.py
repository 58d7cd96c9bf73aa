"""`/api/users`: profiles, and the end of an account."""

import pytest

from accounts.models import Session, User
from servers.models import Channel, Server
from tests.api.world import is_error
from tests.factories import PASSWORD, make_channel, make_member, make_server, make_user

pytestmark = pytest.mark.django_db
PROFILE = {"id", "username", "name", "profilePicture", "bio", "status", "tag", "isBot", "createdAt", "updatedAt"}


def test_a_profile_says_username_and_name_and_no_email(api_as):
    user = make_user(username="Anna")
    for path in ("/api/users", "/api/users/", f"/api/users/{user.pk}"):
        answer = api_as(make_user() if path.endswith(str(user.pk)) else user).get(path)
        assert answer.status_code == 200
        assert set(answer.json()) == PROFILE
        assert (answer.json()["username"], answer.json()["name"]) == ("Anna", "Anna")
        assert "@" not in answer.content.decode()


def test_a_profile_changes_by_the_keys_that_are_there(api_as):
    user = make_user(username="Anna")
    put = api_as(user).put
    picture = "https://example.com/a.png"
    assert put("/api/users/", {"bio": "hi", "profilePicture": picture, "status": "idle"}).status_code == 200
    assert put("/api/users", {"name": "Anya"}).json()["username"] == "Anya"
    assert put("/api/users", {"username": "Asya"}).json()["name"] == "Asya"
    assert put("/api/users", {"username": "First", "name": "Second"}).json()["username"] == "First"
    after = put("/api/users", {}).json()
    assert after.items() >= {"username": "First", "bio": "hi", "profilePicture": picture, "status": "idle"}.items()
    assert after["updatedAt"] > after["createdAt"]


@pytest.mark.parametrize("key", ["username", "name"])
def test_a_taken_name_is_refused(api_as, key):
    make_user(username="Boris")
    user = make_user(username="Anna")
    assert is_error(api_as(user).put("/api/users", {key: "bORIS"}), 400)
    assert api_as(user).put("/api/users", {key: "Anya"}).status_code == 200


def test_no_answer_shows_a_password_or_the_email_of_others(api_as):
    viewer = make_user(email="viewer@example.com")
    server = make_server()
    make_member(server, user=viewer)
    api = api_as(viewer)
    paths = [
        "/servers",
        f"/servers/{server.pk}",
        f"/serverMembers/{server.pk}/members",
        f"/users/{server.owner_id}",
        "/auth/me",
    ]
    hashes = list(User.objects.values_list("password", flat=True))
    for path in paths:
        text = api.get(f"/api{path}").content.decode()
        assert server.owner.email not in text
        assert not any(hashed in text for hashed in hashes)
        assert "password" not in text.lower()


def test_a_deleted_account_is_gone_with_its_sessions_and_lonely_servers(api_as):
    user = make_user(email="a@example.com")
    server, api = make_server(user), api_as(user)
    make_channel(server)
    answer = api.delete("/api/users/")
    assert (answer.status_code, answer.json()) == (200, {"message": "User deleted successfully"})
    assert is_error(api.get("/api/auth/me"), 401)
    assert is_error(api_as(make_user()).get(f"/api/users/{user.pk}"), 404)
    assert is_error(api_as().post("/api/auth/login", {"email": "a@example.com", "password": PASSWORD}), 404)
    assert not Session.objects.filter(user_id=user.pk).exists()
    assert not Server.objects.exists()
    assert not Channel.objects.exists()


def test_an_account_stays_while_others_live_on_its_servers(api_as):
    user = make_user()
    api, shared, lonely = api_as(user), make_server(user, "Shared"), make_server(user, "Lonely")
    guest = make_member(shared)
    refused = api.delete("/api/users")
    assert is_error(refused, 400)
    assert "Shared" in refused.json()["error"]
    assert "Lonely" not in refused.json()["error"]
    assert api.get("/api/auth/me").status_code == 200
    assert Server.objects.filter(pk=lonely.pk).exists()
    guest.delete()
    assert api.delete("/api/users").status_code == 200


def test_a_deleted_member_leaves_the_servers_of_others(api_as):
    server = make_server()
    member = make_member(server)
    assert api_as(member.user).delete("/api/users").status_code == 200
    assert [row["userId"] for row in api_as(server.owner).get(f"/api/servers/{server.pk}").json()["members"]] == [
        server.owner_id
    ]
