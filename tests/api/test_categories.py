"""Categories, and the order of channels."""

import pytest

from servers.models import Category, Channel
from servers.services.channels import CATEGORIES_PER_SERVER
from tests.api.world import is_error
from tests.factories import make_channel, make_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    return make_server()


@pytest.fixture
def owner(api_as, server):
    return api_as(server.owner)


@pytest.fixture
def url(server):
    return f"/api/servers/{server.pk}"


def make_category(server, name="Talk", position=0):
    return Category.objects.create(server=server, name=name, position=position)


def test_a_category_is_made_changed_listed_and_deleted(owner, server, url):
    made = owner.post(f"{url}/categories", {"name": "Talk"})
    body = {"id": made.json()["id"], "name": "Talk", "position": 0, "serverId": server.pk}
    assert (made.status_code, made.json()) == (201, body)
    assert owner.post(f"{url}/categories", {"name": "Second"}).json()["position"] == 1
    path = f"{url}/categories/{body['id']}"
    assert owner.put(path, {"position": 7}).json() == {**body, "position": 7}
    assert owner.put(path, {"name": "Chat"}).json() == owner.put(path, {}).json() == {**body, "name": "Chat", "position": 7}
    for listed in (owner.get(f"{url}/categories").json(), owner.get(url).json()["categories"]):
        assert [category["name"] for category in listed] == ["Second", "Chat"]
    answer = owner.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_error(owner.delete(path), 404)
    assert is_error(owner.put(path, {"name": "x"}), 404)


def test_channels_stand_under_a_category_and_outlive_it(owner, server, url):
    category = make_category(server)
    channel = owner.post(f"{url}/channels", {"name": "c", "categoryId": category.pk}).json()
    assert channel["categoryId"] == category.pk
    path = f"{url}/channels/{channel['id']}"
    assert owner.put(path, {"name": "d"}).json()["categoryId"] == category.pk
    assert owner.put(path, {"categoryId": None}).json()["categoryId"] is None
    assert owner.put(path, {"categoryId": category.pk}).json()["categoryId"] == category.pk
    owner.delete(f"{url}/categories/{category.pk}")
    assert owner.get(path).json()["categoryId"] is None


def test_a_category_of_another_server_is_not_found(owner, server, url):
    theirs, mine = make_category(make_server()), make_category(server)
    channel = make_channel(server)
    for foreign in (theirs.pk, 2**31):
        order = {"channels": [{"id": channel.pk, "position": 1, "categoryId": foreign}]}
        assert is_error(owner.post(f"{url}/channels", {"name": "c", "categoryId": foreign}), 404)
        assert is_error(owner.put(f"{url}/channels/{channel.pk}", {"name": "n", "categoryId": foreign}), 404)
        assert is_error(owner.put(f"{url}/channels/order", order), 404)
    kept = Channel.objects.get()
    assert (kept.name, kept.position, kept.category_id) == (channel.name, channel.position, None)
    assert owner.put(f"{url}/channels/{channel.pk}", {"categoryId": mine.pk}).status_code == 200


def test_many_channels_move_at_once(owner, server, url):
    first, second, third = (make_channel(server, name=name) for name in "abc")
    category = make_category(server)
    Channel.objects.filter(pk=third.pk).update(category=category)
    moved = owner.put(
        f"{url}/channels/order",
        {
            "channels": [
                {"id": first.pk, "position": 2, "categoryId": category.pk},
                {"id": second.pk, "position": 0},
                {"id": third.pk, "position": 1, "categoryId": None},
            ]
        },
    )
    assert moved.status_code == 200
    places = [(row["name"], row["position"], row["categoryId"]) for row in moved.json()]
    assert places == [("b", 0, None), ("c", 1, None), ("a", 2, category.pk)]
    assert owner.get(f"{url}/channels").json() == moved.json()
    assert owner.put(f"{url}/channels/order", {"channels": [{"id": first.pk, "position": 9}]}).status_code == 200
    assert Channel.objects.get(pk=first.pk).category_id == category.pk, "absent: it stays under its category"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"id": 2**31, "position": 1}, 404),
        ({"id": "foreign", "position": 1}, 404),
        ({"id": 1, "position": -1}, 400),
        ({"id": 1, "position": 2**31}, 400),
        ({"id": 1, "position": "1"}, 400),
        ({"id": 1, "position": 1, "categoryId": 0}, 400),
        ({"id": "1", "position": 1}, 400),
        ({"id": 1}, 400),
        ({"position": 1}, 400),
        (None, 400),
        (1, 400),
        ([], 400),
    ],
)
def test_one_wrong_place_moves_nothing(owner, server, url, wrong, status):
    channel, foreign = make_channel(server), make_channel(make_server())
    if isinstance(wrong, dict) and wrong.get("id") == "foreign":
        wrong = {**wrong, "id": foreign.pk}
    right = {"id": channel.pk, "position": 5}
    refused = owner.put(f"{url}/channels/order", {"channels": [right, wrong]})
    assert is_error(refused, status)
    assert status == 404 or refused.json()["error"].startswith("channels")
    assert Channel.objects.get(pk=channel.pk).position == channel.position
    assert owner.put(f"{url}/channels/order", {"channels": [right]}).status_code == 200


def test_the_categories_of_a_server_are_bounded(owner, server, url):
    Category.objects.bulk_create(Category(server=server, name="c") for _ in range(CATEGORIES_PER_SERVER - 1))
    assert owner.post(f"{url}/categories", {"name": "last"}).status_code == 201
    assert is_error(owner.post(f"{url}/categories", {"name": "one too many"}), 400)


def test_categories_go_with_their_server(owner, server, url):
    make_channel(server)
    Channel.objects.update(category=make_category(server))
    assert owner.delete(url).status_code == 204
    assert not Category.objects.exists()
