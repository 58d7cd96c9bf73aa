"""`/api/friends`."""

import json
import secrets

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Status, User
from accounts.services import user_delete, user_update
from friends import selectors, services
from friends.models import Block, Friendship, FriendshipStatus
from projectvoice.kernel.limits import Limit
from projectvoice.kernel.serializers import iso
from tests.api.world import is_error
from tests.factories import make_user
from tests.phrases import SIGNS_OUT

pytestmark = pytest.mark.django_db
UNKNOWN = 2**31


def person(user: User) -> dict:
    return {"id": user.pk, "username": user.username, "profilePicture": user.profile_picture, "tag": user.tag, "isBot": False}


def make_request(sender: User, receiver: User) -> int:
    return services.request_send(user=sender, friend_id=receiver.pk).pk


def make_friends(sender: User, receiver: User) -> int:
    request_id = make_request(sender, receiver)
    services.request_accept(user=receiver, request=Friendship.objects.get(pk=request_id))
    return request_id


def friends_of(api) -> list[int]:
    return [friend["id"] for friend in api.get("/api/friends").json()]


def requests_of(api) -> tuple[list[int], list[int]]:
    lists = api.get("/api/friends/requests").json()
    return [row["id"] for row in lists["incoming"]], [row["id"] for row in lists["outgoing"]]


def refused(answer, status: int, error: str) -> bool:
    assert not [phrase for phrase in SIGNS_OUT if phrase in answer.json()["error"].lower()]
    return answer.status_code == status and answer.json() == {"error": error, "code": status}


def test_a_request_is_seen_by_both_and_becomes_a_friendship(api_as, anna, boris, carol):
    user_update(user=boris, profile_picture="https://x.test/b.png", status=Status.DND)
    boris.refresh_from_db()
    a, b, c = api_as(anna), api_as(boris), api_as(carol)

    sent = a.post("/api/friends/request", {"friendId": boris.pk})
    row = Friendship.objects.get()
    assert sent.status_code == 201
    assert sent.json() == {
        "message": "Friend request sent.",
        "request": {"id": row.pk, "userId": anna.pk, "friendId": boris.pk, "status": "pending"},
    }
    created = iso(row.created_at)
    outgoing = [{"id": row.pk, "user": person(boris), "createdAt": created}]
    incoming = [{"id": row.pk, "user": person(anna), "createdAt": created}]
    assert a.get("/api/friends/requests").json() == {"incoming": [], "outgoing": outgoing}
    assert b.get("/api/friends/requests").json() == {"incoming": incoming, "outgoing": []}
    assert c.get("/api/friends/requests").json() == {"incoming": [], "outgoing": []}
    assert friends_of(a) == friends_of(b) == []

    accepted = b.post(f"/api/friends/accept/{row.pk}", content_type="application/json")
    assert (accepted.status_code, accepted.json()) == (200, {"message": "Friend request accepted."})
    assert a.get("/api/friends").json() == [{**person(boris), "status": "dnd"}]
    assert b.get("/api/friends").json() == [{**person(anna), "status": "offline"}]
    assert c.get("/api/friends").json() == []
    assert requests_of(a) == requests_of(b) == ([], [])

    removed = b.delete(f"/api/friends/{anna.pk}")
    assert (removed.status_code, removed.json()) == (200, {"message": "Friend removed or request declined."})
    assert friends_of(a) == friends_of(b) == []
    assert refused(a.delete(f"/api/friends/{boris.pk}"), 404, "No such friend or request")
    assert a.post("/api/friends/request", {"friendId": boris.pk}).status_code == 201  # a new beginning is possible


def test_the_russian_texts_are_those_of_the_seed(api_as, anna, boris):
    russian = {"HTTP_ACCEPT_LANGUAGE": "ru"}
    sent = api_as(anna).post("/api/friends/request", {"friendId": boris.pk}, **russian)
    accept = f"/api/friends/accept/{sent.json()['request']['id']}"
    texts = [
        sent.json()["message"],
        api_as(anna).post("/api/friends/request", {"friendId": boris.pk}, **russian).json()["error"],
        api_as(boris).post(accept, **russian).json()["message"],
        api_as(boris).delete(f"/api/friends/{anna.pk}", **russian).json()["message"],
        api_as(boris).post(f"/api/friends/block/{anna.pk}", **russian).json()["message"],
        api_as(anna).post("/api/friends/request", {"friendId": boris.pk}, **russian).json()["error"],
        api_as(anna).post("/api/friends/request", {"friendId": anna.pk}, **russian).json()["error"],
        api_as(anna).post("/api/friends/request", {"friendId": UNKNOWN}, **russian).json()["error"],
    ]
    assert texts == [
        "Запрос в друзья отправлен.",
        "Запрос уже отправлен",
        "Запрос в друзья принят.",
        "Друг удален или запрос отклонен.",
        "Пользователь заблокирован.",
        "Пользователь заблокирован",
        "Нельзя добавить себя",
        "Пользователь не найден",
    ]


def test_no_request_to_oneself_to_friends_to_the_asked_to_the_asking_or_to_nobody(api_as, anna, boris, carol):
    a, b, url = api_as(anna), api_as(boris), "/api/friends/request"
    assert refused(a.post(url, {"friendId": anna.pk}), 400, "You cannot add yourself")
    assert refused(a.post(url, {"friendId": UNKNOWN}), 404, "User not found")
    assert a.post(url, {"friendId": boris.pk}).status_code == 201
    assert refused(a.post(url, {"friendId": boris.pk}), 400, "There is a request already")
    assert refused(b.post(url, {"friendId": anna.pk}), 400, "There is a request already")
    assert b.post(f"/api/friends/accept/{Friendship.objects.get().pk}").status_code == 200
    assert refused(a.post(url, {"friendId": boris.pk}), 400, "You are friends already")
    assert refused(b.post(url, {"friendId": anna.pk}), 400, "You are friends already")
    assert Friendship.objects.count() == 1
    assert a.post(url, {"friendId": carol.pk}).status_code == 201


def test_only_the_receiver_accepts(api_as, anna, boris, carol):
    request_id = make_request(anna, boris)
    url = f"/api/friends/accept/{request_id}"
    assert refused(api_as(carol).post(url), 404, "Friend request not found")
    assert refused(api_as(anna).post(url), 403, "Only the one who was asked accepts a request")
    assert is_error(api_as().post(url), 401)
    assert Friendship.objects.get().status == FriendshipStatus.PENDING
    assert api_as(boris).post(url).status_code == 200
    assert refused(api_as(boris).post(url), 400, "You are friends already")
    assert refused(api_as(anna).post(url), 403, "Only the one who was asked accepts a request")
    assert refused(api_as(carol).post(url), 404, "Friend request not found")
    assert refused(api_as(boris).post(f"/api/friends/accept/{request_id + 1}"), 404, "Friend request not found")
    assert friends_of(api_as(boris)) == [anna.pk]


@pytest.mark.parametrize("who", ["sender", "receiver"])
def test_both_sides_and_nobody_else_take_a_request_away_by_its_id(api_as, anna, boris, carol, who):
    request_id = make_request(anna, boris)
    url, api = f"/api/friends/{request_id}", api_as(anna if who == "sender" else boris)
    assert is_error(api_as(carol).delete(url), 404)
    assert is_error(api_as().delete(url), 401)
    assert Friendship.objects.exists()
    assert api.delete(url).status_code == 200
    assert not Friendship.objects.exists()
    assert is_error(api.delete(url), 404)
    assert is_error(api_as(boris).post(f"/api/friends/accept/{request_id}"), 404)
    assert requests_of(api_as(anna)) == requests_of(api_as(boris)) == ([], [])
    assert make_request(boris, anna)


@pytest.mark.parametrize("who", ["sender", "receiver"])
def test_both_sides_and_nobody_else_end_a_friendship_by_the_others_id(api_as, anna, boris, carol, who):
    request_id = make_friends(anna, boris)
    me, other = (anna, boris) if who == "sender" else (boris, anna)
    for id in (anna.pk, boris.pk, request_id):
        assert is_error(api_as(carol).delete(f"/api/friends/{id}"), 404)
    assert is_error(api_as(me).delete(f"/api/friends/{me.pk}"), 404)
    assert is_error(api_as(me).delete(f"/api/friends/{request_id}"), 404)  # it is no request any more
    assert is_error(api_as(me).delete(f"/api/friends/{carol.pk}"), 404)
    assert friends_of(api_as(me)) == [other.pk]
    assert api_as(me).delete(f"/api/friends/{other.pk}").status_code == 200
    assert friends_of(api_as(me)) == friends_of(api_as(other)) == []


def test_the_others_id_does_not_take_a_pending_request_away(api_as, anna, boris):
    request_id = make_request(anna, boris)
    assert is_error(api_as(anna).delete(f"/api/friends/{boris.pk}"), 404)
    assert is_error(api_as(boris).delete(f"/api/friends/{anna.pk}"), 404)
    assert api_as(boris).delete(f"/api/friends/{request_id}").status_code == 200


def test_an_id_is_a_request_before_it_is_a_friend_before_it_is_a_block(api_as, anna, boris, carol):
    """Migration 0001 keeps the two kinds of id apart; should they meet all the same, the order is the contract's."""
    Friendship.objects.create(sender=boris, receiver=anna, status=FriendshipStatus.ACCEPTED)
    request = Friendship.objects.create(pk=boris.pk, sender=carol, receiver=anna)
    a = api_as(anna)
    assert a.delete(f"/api/friends/{boris.pk}").status_code == 200
    assert not Friendship.objects.filter(pk=request.pk).exists()
    assert friends_of(a) == [boris.pk]
    assert a.delete(f"/api/friends/{boris.pk}").status_code == 200
    assert friends_of(a) == []
    assert is_error(a.delete(f"/api/friends/{boris.pk}"), 404)

    Friendship.objects.create(pk=boris.pk, sender=carol, receiver=anna)
    Block.objects.create(blocker=anna, blocked=boris)
    assert a.delete(f"/api/friends/{boris.pk}").status_code == 200
    assert Block.objects.exists()
    assert a.delete(f"/api/friends/{boris.pk}").status_code == 200
    assert not Block.objects.exists()


def test_ids_of_requests_and_users_never_meet(anna, boris):
    request_id = make_request(anna, boris)
    assert 2**40 <= request_id < 2**53  # what JavaScript counts exactly


@pytest.mark.parametrize("before", ["nothing", "sent", "received", "friends by asking", "friends by being asked"])
def test_a_block_ends_everything_and_holds_in_both_directions(api_as, anna, boris, carol, before):
    {
        "nothing": lambda: None,
        "sent": lambda: make_request(anna, boris),
        "received": lambda: make_request(boris, anna),
        "friends by asking": lambda: make_friends(anna, boris),
        "friends by being asked": lambda: make_friends(boris, anna),
    }[before]()
    make_friends(anna, carol)
    make_request(boris, carol)
    a, b = api_as(anna), api_as(boris)
    blocked = a.post(f"/api/friends/block/{boris.pk}")
    assert (blocked.status_code, blocked.json()) == (200, {"message": "User blocked."})
    assert requests_of(a) == ([], [])
    assert friends_of(b) == []
    assert len(requests_of(b)[1]) == 1  # to Carol: others are not concerned
    assert friends_of(a) == [carol.pk]
    assert refused(a.post("/api/friends/request", {"friendId": boris.pk}), 403, "The user is blocked")
    assert refused(b.post("/api/friends/request", {"friendId": anna.pk}), 403, "The user is blocked")
    assert a.get("/api/friends/blocked").json() == [person(boris)]
    assert b.get("/api/friends/blocked").json() == []


def test_blocking_twice_is_blocking_once(api_as, anna, boris):
    url = f"/api/friends/block/{boris.pk}"
    assert [api_as(anna).post(url).status_code for _ in range(3)] == [200, 200, 200]
    assert Block.objects.count() == 1


def test_nobody_blocks_himself_or_nobody(api_as, anna, boris):
    a = api_as(anna)
    assert refused(a.post(f"/api/friends/block/{anna.pk}"), 400, "You cannot block yourself")
    assert refused(a.post(f"/api/friends/block/{UNKNOWN}"), 404, "User not found")
    assert is_error(api_as().post(f"/api/friends/block/{boris.pk}"), 401)
    assert not Block.objects.exists()
    assert a.post(f"/api/friends/block/{boris.pk}").status_code == 200


@pytest.mark.parametrize("path", ["/api/friends/{}", "/api/friends/block/{}"])
def test_only_the_blocker_lifts_a_block(api_as, anna, boris, carol, path):
    a, b = api_as(anna), api_as(boris)
    a.post(f"/api/friends/block/{boris.pk}")
    for id in (anna.pk, boris.pk):
        assert is_error(b.delete(path.format(id)), 404)
        assert is_error(api_as(carol).delete(path.format(id)), 404)
        assert is_error(api_as().delete(path.format(id)), 401)
    assert is_error(b.post("/api/friends/request", {"friendId": anna.pk}), 403)
    lifted = a.delete(path.format(boris.pk))
    if "block" in path:
        assert (lifted.status_code, lifted.content) == (204, b"")
    else:
        assert (lifted.status_code, lifted.json()) == (200, {"message": "Friend removed or request declined."})
    assert a.get("/api/friends/blocked").json() == []
    assert is_error(a.delete(path.format(boris.pk)), 404)
    assert friends_of(a) == friends_of(b) == []  # what the block ended stays ended
    assert b.post("/api/friends/request", {"friendId": anna.pk}).status_code == 201


def test_two_people_block_each_other_and_each_lifts_his_own(api_as, anna, boris):
    a, b = api_as(anna), api_as(boris)
    assert a.post(f"/api/friends/block/{boris.pk}").status_code == 200
    assert b.post(f"/api/friends/block/{anna.pk}").status_code == 200
    assert a.get("/api/friends/blocked").json() == [person(boris)]
    assert b.get("/api/friends/blocked").json() == [person(anna)]
    assert a.delete(f"/api/friends/block/{boris.pk}").status_code == 204
    assert b.get("/api/friends/blocked").json() == [person(anna)]
    assert is_error(a.post("/api/friends/request", {"friendId": boris.pk}), 403)
    assert is_error(b.post("/api/friends/request", {"friendId": anna.pk}), 403)
    assert b.delete(f"/api/friends/{anna.pk}").status_code == 200
    assert a.post("/api/friends/request", {"friendId": boris.pk}).status_code == 201


def test_a_request_may_name_whom_it_is_for_with_or_without_the_tag(api_as, anna, boris, carol):
    a, url = api_as(anna), "/api/friends/request"
    wrong = "#0000" if boris.tag != "#0000" else "#0001"
    for nobody in ("nobody", boris.email, f"{boris.username}{wrong}", f"#{boris.tag}", "\u200b"):
        assert refused(a.post(url, {"username": nobody}), 404, "User not found"), nobody
    assert not Friendship.objects.exists()
    assert a.post(url, {"username": f" {boris.username.upper()} "}).json()["request"]["friendId"] == boris.pk
    assert a.post(url, {"username": f"{carol.username}{carol.tag}"}).json()["request"]["friendId"] == carol.pk
    assert refused(a.post(url, {"username": anna.username}), 400, "You cannot add yourself")
    for bad in (1, None, "", "a" * 101, "a\0"):
        assert a.post(url, {"username": bad}).json()["error"].startswith("username:"), bad


BAD_IDS = [None, "1", "", "a", True, False, 1.5, 5.0, 0, -1, -(2**63), 2**63, 2**64, 10**30, [], [1], {}, {"id": 1}]


def test_a_bad_friend_id_is_refused_by_its_name_and_changes_nothing(api_as, anna, boris):
    a, url = api_as(anna), "/api/friends/request"
    for value in BAD_IDS:
        answer = a.post(url, json.dumps({"friendId": value}), content_type="application/json")
        assert is_error(answer, 400), (value, answer.content)
        if value not in (2**64, 10**30):  # these two no strict JSON parser reads as integers
            assert answer.json()["error"].startswith("friendId:"), (value, answer.content)
    for body in ("{}", "", '{"friend_id": 1}', '{"userId": 1}'):
        answer = a.post(url, body, content_type="application/json")
        assert is_error(answer, 400)
        assert answer.json()["error"].startswith("friendId:")
    for body in ("null", "[]", '"1"', "1", "{", "NaN", '{"friendId": NaN}', '{"friendId": 1e400}', "[" * 5000):
        assert is_error(a.post(url, body, content_type="application/json"), 400), body[:20]
    assert not Friendship.objects.exists()
    for unknown in (UNKNOWN, 2**53, 2**63 - 1):
        assert is_error(a.post(url, {"friendId": unknown}), 404)
    assert a.post(url, {"friendId": boris.pk}).status_code == 201


ODD_IDS = ["0", "-1", str(UNKNOWN), str(2**63), str(10**30), "9" * 500, "abc", "1.5", "٣", "%00", "%ff", "null", "1e3", "+1"]
BY_ID = [("post", "accept/{}"), ("delete", "{}"), ("post", "block/{}"), ("delete", "block/{}")]


@pytest.mark.parametrize(("method", "path"), BY_ID)
def test_an_odd_id_in_a_path_is_not_found(api_as, anna, boris, method, path):
    make_request(anna, boris)
    for odd in ODD_IDS:
        assert is_error(getattr(api_as(boris), method)(f"/api/friends/{path.format(odd)}"), 404), odd
    assert Friendship.objects.count() == 1
    assert not Block.objects.exists()


def test_what_a_client_says_of_status_and_sender_is_not_applied(api_as, anna, boris, carol):
    body = {
        "friendId": boris.pk,
        "status": "accepted",
        "userId": carol.pk,
        "id": 7,
        "sender": carol.pk,
        "createdAt": "2000-01-01",
    }
    request = api_as(anna).post("/api/friends/request", body).json()["request"]
    row = Friendship.objects.get()
    assert request == {"id": row.pk, "userId": anna.pk, "friendId": boris.pk, "status": "pending"}
    assert (row.sender, row.receiver, row.status, row.created_at.year > 2000) == (anna, boris, "pending", True)


PATHS = [
    ("get", "/api/friends", 200),
    ("get", "/api/friends/requests", 200),
    ("get", "/api/friends/blocked", 200),
    ("post", "/api/friends/request", 400),
    ("post", "/api/friends/accept/7", 404),
    ("delete", "/api/friends/7", 404),
    ("post", f"/api/friends/block/{UNKNOWN}", 404),
    ("delete", "/api/friends/block/7", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), PATHS)
def test_each_path_wants_a_session_and_works_with_and_without_its_slash(api_as, anna, method, path, status):
    for address in (path, f"{path}/"):
        assert is_error(getattr(Client(), method)(address), 401)
        assert getattr(api_as(anna), method)(address).status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/friends"),
        ("post", "/api/friends/requests"),
        ("delete", "/api/friends/blocked"),
        ("get", "/api/friends/7"),
    ],
)
def test_a_wrong_method_is_405(api_as, anna, method, path):
    assert is_error(getattr(api_as(anna), method)(path), 405)


def test_no_email_is_told(api_as, anna, boris, carol):
    make_friends(anna, boris)
    make_request(carol, anna)
    make_request(anna, make_user())
    services.block_create(user=anna, target_id=make_user().pk)
    for path in ("", "/requests", "/blocked"):
        said = api_as(anna).get(f"/api/friends{path}").content.decode()
        assert "tag" in said
        assert "mail" not in said
        assert "example.com" not in said
        assert "password" not in said


def test_everything_goes_with_the_account(api_as, anna, boris, carol):
    make_friends(anna, boris)
    make_request(carol, anna)
    make_request(boris, carol)
    other = make_user()
    services.block_create(user=anna, target_id=other.pk)
    services.block_create(user=other, target_id=anna.pk)
    user_delete(user=anna)
    assert [(row.sender, row.receiver) for row in Friendship.objects.all()] == [(boris, carol)]
    assert not Block.objects.exists()
    assert friends_of(api_as(boris)) == []
    assert is_error(api_as(boris).post("/api/friends/request", {"friendId": anna.pk}), 404)


# path → queries, the one for the token included
COSTS = {"": 1 + 1, "/requests": 1 + 2, "/blocked": 1 + 1}


@pytest.mark.parametrize("path", COSTS)
def test_a_list_costs_the_same_for_one_row_and_for_many(api_as, django_assert_num_queries, anna, path):
    def fill():
        make_friends(anna, make_user())
        make_friends(make_user(), anna)
        make_request(make_user(), anna)
        make_request(anna, make_user())
        services.block_create(user=anna, target_id=make_user().pk)

    fill()
    api, url = api_as(anna), f"/api/friends{path}"
    with django_assert_num_queries(COSTS[path]):
        api.get(url)
    for _ in range(4):
        fill()
    with django_assert_num_queries(COSTS[path]):
        answer = api.get(url)
    lists = answer.json().values() if path == "/requests" else [answer.json()]
    assert [len(rows) for rows in lists] == {"": [10], "/requests": [5, 5], "/blocked": [5]}[path]


def test_friends_and_blocks_are_listed_as_they_came_and_requests_newest_first(api_as, anna):
    others = [make_user() for _ in range(12)]
    for number, other in enumerate(others[:6]):
        make_friends(*((anna, other) if number % 2 else (other, anna)))
    requests = [make_request(anna, other) for other in others[6:9]]
    for other in others[9:]:
        services.block_create(user=anna, target_id=other.pk)
    api = api_as(anna)
    assert friends_of(api) == [other.pk for other in others[:6]]
    assert requests_of(api)[1] == requests[::-1]
    assert [row["id"] for row in api.get("/api/friends/blocked").json()] == [other.pk for other in others[9:]]


@pytest.fixture
def short_lists(monkeypatch):
    for module in (selectors, services):
        monkeypatch.setattr(module, "MAX_LIST", 2)


def test_outgoing_requests_are_bounded(api_as, anna, short_lists):
    api = api_as(anna)
    statuses = [api.post("/api/friends/request", {"friendId": make_user().pk}).status_code for _ in range(3)]
    assert statuses == [201, 201, 400]
    assert len(requests_of(api)[1]) == 2
    assert api.delete(f"/api/friends/{requests_of(api)[1][0]}").status_code == 200
    assert api.post("/api/friends/request", {"friendId": make_user().pk}).status_code == 201


def test_incoming_requests_are_listed_up_to_the_bound_newest_first(api_as, anna, short_lists):
    requests = [make_request(make_user(), anna) for _ in range(3)]
    assert requests_of(api_as(anna))[0] == [requests[2], requests[1]]
    api_as(anna).delete(f"/api/friends/{requests[2]}")
    assert requests_of(api_as(anna))[0] == [requests[1], requests[0]]


@pytest.mark.parametrize("full", ["sender", "receiver"])
def test_friends_are_bounded_on_both_sides(api_as, anna, boris, short_lists, full):
    popular = anna if full == "sender" else boris
    for _ in range(2):
        make_friends(make_user(), popular)
    accept = f"/api/friends/accept/{make_request(anna, boris)}"
    assert refused(api_as(boris).post(accept), 400, "The limit is reached: 2")
    assert requests_of(api_as(boris))[0] != []
    api_as(popular).delete(f"/api/friends/{friends_of(api_as(popular))[0]}")
    assert api_as(boris).post(accept).status_code == 200


def test_blocks_are_bounded_and_a_repeated_one_still_answers(api_as, anna, short_lists):
    api, others = api_as(anna), [make_user() for _ in range(3)]
    assert [api.post(f"/api/friends/block/{other.pk}").status_code for other in others] == [200, 200, 400]
    assert api.post(f"/api/friends/block/{others[0].pk}").status_code == 200
    assert Block.objects.count() == 2


def test_requests_are_limited_per_user_and_bad_input_does_not_count(api_as, anna, boris, settings, monkeypatch):
    settings.RATE_LIMITS = True  # the counters outlive the test, so their name is fresh
    monkeypatch.setattr("friends.api.friends.REQUESTS_PER_USER", Limit(secrets.token_hex(4), most=2, window=86_400))
    a, url = api_as(anna), "/api/friends/request"
    key = {"friendId": UNKNOWN}
    assert [a.post(url, {}).status_code for _ in range(3)] == [400, 400, 400]
    assert [a.post(url, key).status_code for _ in range(2)] == [404, 404]
    late = a.post(url, key)
    assert is_error(late, 429)
    assert int(late["Retry-After"]) > 0
    assert api_as(boris).post(url, {"friendId": anna.pk}).status_code == 201
    assert a.get("/api/friends/requests").status_code == 200
    settings.RATE_LIMITS = False
    assert is_error(a.post(url, key), 404)


def test_the_real_limit_is_sixty_in_ten_minutes():
    limit = services.REQUESTS_PER_USER
    assert (limit.name, limit.most, limit.window) == ("friend-request", 60, 600)


def test_the_database_itself_keeps_one_relation_of_two_people(anna, boris):
    Friendship.objects.create(sender=anna, receiver=boris)
    Block.objects.create(blocker=anna, blocked=boris)
    Block.objects.create(blocker=boris, blocked=anna)
    for broken in (
        lambda: Friendship.objects.create(sender=anna, receiver=boris),
        lambda: Friendship.objects.create(sender=boris, receiver=anna),
        lambda: Friendship.objects.create(sender=anna, receiver=anna),
        lambda: Friendship.objects.update(status="odd"),
        lambda: Block.objects.create(blocker=anna, blocked=boris),
        lambda: Block.objects.create(blocker=anna, blocked=anna),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()
