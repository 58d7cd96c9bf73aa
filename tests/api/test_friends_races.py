"""`/api/friends` under simultaneous requests: real transactions in threads, each outcome a serial one."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection
from rest_framework.response import Response

from accounts.models import User
from accounts.services import user_delete
from friends.models import Block, Friendship, FriendshipStatus
from friends.services import request_send
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20
Call = Callable[[], Response]


def at_once(*calls: Call) -> list[int]:
    """The calls' statuses, in their order; each from a thread and a database connection of its own."""
    start = Barrier(len(calls))

    def run(call):
        try:
            if len(calls) <= 10:  # within the pool
                connection.ensure_connection()
            start.wait(10)
            return call().status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result(30) for future in [threads.submit(run, call) for call in calls]]


@pytest.fixture
def pair(api_as):
    """Two new people with their clients; which of them has the lower id alternates."""
    turns = iter(range(1000))

    def make():
        people = [make_user(), make_user()]
        if next(turns) % 2:
            people.reverse()
        return *people, *(api_as(user) for user in people)

    return make


def ask(api, user: User) -> Call:
    return partial(api.post, "/api/friends/request", {"friendId": user.pk})


def accept(api, request: Friendship) -> Call:
    return partial(api.post, f"/api/friends/accept/{request.pk}")


def block(api, user: User) -> Call:
    return partial(api.post, f"/api/friends/block/{user.pk}")


def delete(api, path: str) -> Call:
    return partial(api.delete, f"/api{path}")


def seen_by(api) -> tuple[int, int]:
    """How many friends, how many requests of either kind."""
    lists = api.get("/api/friends/requests").json()
    return len(api.get("/api/friends").json()), len(lists["incoming"]) + len(lists["outgoing"])


def test_mutual_requests_leave_one_relation(pair):
    for _ in range(ROUNDS):
        a, b, as_a, as_b = pair()
        statuses = at_once(ask(as_a, b), ask(as_b, a))
        assert sorted(statuses) == [201, 400]
        assert seen_by(as_a) == seen_by(as_b) == (0, 1)
    assert Friendship.objects.count() == ROUNDS


def test_many_mutual_requests_leave_one_relation(pair):
    a, b, as_a, as_b = pair()
    statuses = at_once(*[ask(as_a, b), ask(as_b, a)] * 10)
    assert Counter(statuses) == {201: 1, 400: 19}
    assert Friendship.objects.count() == 1


def test_accepting_twenty_times_makes_one_friendship(pair):
    a, b, as_a, as_b = pair()
    request = request_send(user=a, friend_id=b.pk)
    statuses = at_once(*[accept(as_b, request)] * 20)
    assert Counter(statuses) == {200: 1, 400: 19}
    assert Friendship.objects.count() == 1
    assert seen_by(as_a) == seen_by(as_b) == (1, 0)


@pytest.mark.parametrize("who", ["sender", "receiver"])
def test_accepting_and_taking_back_have_one_winner(pair, who):
    for _ in range(ROUNDS):
        a, b, as_a, as_b = pair()
        request = request_send(user=a, friend_id=b.pk)
        taking = as_a if who == "sender" else as_b
        statuses = at_once(accept(as_b, request), delete(taking, f"/friends/{request.pk}"))
        assert statuses in ([200, 404], [404, 200])
        friends = 1 if statuses[0] == 200 else 0
        assert seen_by(as_a) == seen_by(as_b) == (friends, 0)
        assert Friendship.objects.filter(pk=request.pk).count() == friends


def test_taking_a_request_away_from_both_sides_works_once(pair):
    for _ in range(ROUNDS):
        a, b, as_a, as_b = pair()
        path = f"/friends/{request_send(user=a, friend_id=b.pk).pk}"
        assert sorted(at_once(delete(as_a, path), delete(as_b, path))) == [200, 404]


@pytest.mark.parametrize("blocker", ["the asked", "the asking"])
def test_a_block_wins_over_a_request(pair, blocker):
    for _ in range(ROUNDS):
        a, b, as_a, as_b = pair()
        blocks = block(as_b, a) if blocker == "the asked" else block(as_a, b)
        asked, blocked = at_once(ask(as_a, b), blocks)
        assert asked in (201, 403)
        assert blocked == 200
        assert seen_by(as_a) == seen_by(as_b) == (0, 0)
        assert ask(as_a, b)().status_code == ask(as_b, a)().status_code == 403
    assert not Friendship.objects.exists()
    assert Block.objects.count() == ROUNDS


def test_a_block_wins_over_an_acceptance(pair):
    for _ in range(ROUNDS):
        a, b, as_a, as_b = pair()
        request = request_send(user=a, friend_id=b.pk)
        accepted, blocked = at_once(accept(as_b, request), block(as_a, b))
        assert accepted in (200, 404)
        assert blocked == 200
        assert seen_by(as_a) == seen_by(as_b) == (0, 0)
    assert not Friendship.objects.exists()


def test_blocks_against_each_other_coexist(pair):
    for _ in range(ROUNDS):
        a, b, as_a, as_b = pair()
        assert at_once(block(as_a, b), block(as_b, a)) == [200, 200]
        assert set(Block.objects.filter(blocker__in=[a, b]).values_list("blocker", "blocked")) == {(a.pk, b.pk), (b.pk, a.pk)}


def test_blocking_twenty_times_at_once_is_blocking_once(pair):
    _, b, as_a, _ = pair()
    assert at_once(*[block(as_a, b)] * 20) == [200] * 20
    assert Block.objects.count() == 1


def test_a_block_against_its_lifting_leaves_one_state(pair):
    for _ in range(ROUNDS):
        a, b, as_a, as_b = pair()
        assert block(as_a, b)().status_code == 200
        blocked, lifted = at_once(block(as_a, b), delete(as_a, f"/friends/block/{b.pk}"))
        assert (blocked, lifted) == (200, 204)
        shut = Block.objects.filter(blocker=a, blocked=b).count()
        assert shut in {0, 1}
        assert ask(as_b, a)().status_code == (403 if shut else 201)


def test_unblocking_twice_at_once_works_once(pair):
    for _ in range(ROUNDS):
        _, b, as_a, _ = pair()
        block(as_a, b)()
        path = f"/friends/block/{b.pk}"
        assert sorted(at_once(delete(as_a, path), delete(as_a, path))) == [204, 404]


def test_a_request_to_an_account_that_is_going_leaves_nothing(pair):
    for _ in range(ROUNDS):
        _, b, as_a, as_b = pair()
        asked, gone = at_once(ask(as_a, b), delete(as_b, "/users"))
        assert asked in (201, 404)
        assert gone == 200
        assert seen_by(as_a) == (0, 0)


def test_a_token_whose_account_goes_meanwhile_is_no_session(pair, monkeypatch):
    a, b, as_a, _ = pair()

    def slow(_limit, _subject):
        user_delete(user=a)  # after the token was read, before the rows are held

    monkeypatch.setattr("projectvoice.kernel.limits.Limit.take", slow)
    assert ask(as_a, b)().status_code == 401
    assert not Friendship.objects.exists()


def test_everybody_asking_everybody_ends_in_one_relation_per_pair(api_as):
    """No deadlock: rows are held in the order of their ids, whoever asks whom."""
    people = [make_user() for _ in range(4)]
    pairs = [(one, other) for one in people for other in people if one != other]
    statuses = at_once(*[ask(api_as(one), other) for one, other in pairs])
    assert Counter(statuses) == {201: 6, 400: 6}
    assert Friendship.objects.filter(status=FriendshipStatus.PENDING).count() == 6
