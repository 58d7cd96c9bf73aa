"""Each act between people tells those concerned, and nobody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import user_appoint, user_delete, user_update
from events.models import Announcement, Event
from events.rendering import rendered
from tests.factories import make_direct, make_friends, make_group, make_member, make_server, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def friends(anna, boris, carol):
    make_friends(anna, boris, carol)


def alone(kind, user, payload):
    return (kind, None, None, user.pk, payload)


def test_a_request_that_is_accepted(api_as, anna, boris, heard, answer):
    heard()
    api_as(anna).post("/api/friends/request", {"friendId": boris.pk})
    sent, received = answer(anna, "/friends/requests"), answer(boris, "/friends/requests")
    assert heard() == [
        alone("friend-request", anna, {"request": sent["outgoing"][0], "direction": "outgoing"}),
        alone("friend-request", boris, {"request": received["incoming"][0], "direction": "incoming"}),
    ]
    request = received["incoming"][0]["id"]
    api_as(boris).post(f"/api/friends/accept/{request}")
    assert heard() == [
        alone("friend-request-removed", anna, {"requestId": request}),
        alone("friend-request-removed", boris, {"requestId": request}),
        alone("friend-updated", anna, {"friend": answer(anna, "/friends")[0]}),
        alone("friend-updated", boris, {"friend": answer(boris, "/friends")[0]}),
    ]
    assert not Event.objects.filter(kind="friend-request").exists()


@pytest.mark.parametrize("by", ["anna", "boris"])
def test_a_request_that_is_withdrawn_or_declined(api_as, anna, boris, heard, answer, by):
    api_as(anna).post("/api/friends/request", {"friendId": boris.pk})
    request = answer(anna, "/friends/requests")["outgoing"][0]["id"]
    heard()
    api_as({"anna": anna, "boris": boris}[by]).delete(f"/api/friends/{request}")
    assert heard() == [alone("friend-request-removed", who, {"requestId": request}) for who in (anna, boris)]


def test_a_friendship_that_ends(api_as, anna, boris, friends, heard):
    heard()
    api_as(boris).delete(f"/api/friends/{anna.pk}")
    farewells = [alone("friend-removed", anna, {"userId": boris.pk}), alone("friend-removed", boris, {"userId": anna.pk})]
    assert heard() == farewells


def test_a_block_is_told_to_the_blocker_alone(api_as, anna, boris, heard, answer):
    heard()
    api_as(anna).post(f"/api/friends/block/{boris.pk}")
    assert heard() == [alone("user-blocked", anna, {"user": answer(anna, "/friends/blocked")[0]})]
    api_as(anna).delete(f"/api/friends/block/{boris.pk}")
    assert heard() == [alone("user-unblocked", anna, {"userId": boris.pk})]
    api_as(anna).post(f"/api/friends/block/{boris.pk}")
    heard()
    api_as(anna).delete(f"/api/friends/{boris.pk}")
    assert heard() == [alone("user-unblocked", anna, {"userId": boris.pk})]


def test_a_block_ends_what_there_was(api_as, anna, boris, carol, friends, heard):
    api_as(boris).post("/api/friends/request", {"friendId": carol.pk})
    request = api_as(carol).get("/api/friends/requests").json()["incoming"][0]["id"]
    heard()
    api_as(boris).post(f"/api/friends/block/{anna.pk}")
    assert [told.kind for told in heard()] == ["friend-removed", "friend-removed", "user-blocked"]
    api_as(boris).post(f"/api/friends/block/{carol.pk}")
    told = heard()
    assert [one.kind for one in told] == ["friend-request-removed", "friend-request-removed", "user-blocked"]
    assert told[0].payload == {"requestId": request}


def conversation(who, channel_id, answer):
    shown = answer(who, f"/dms/{channel_id}")
    return ("conversation-updated", None, channel_id, who.pk, {"conversation": shown})


def test_a_new_conversation_is_told_to_both(api_as, anna, boris, friends, heard, answer):
    heard()
    made = api_as(anna).post("/api/dms", {"userId": boris.pk}).json()
    assert heard() == [conversation(who, made["id"], answer) for who in (anna, boris)]
    api_as(boris).post("/api/dms", {"userId": anna.pk})
    assert heard() == []


def test_a_group_and_all_that_happens_to_it(api_as, anna, boris, carol, friends, heard, answer):
    heard()
    group = api_as(anna).post("/api/dms/groups", {"userIds": [boris.pk], "name": "g"}).json()["id"]
    assert heard() == [conversation(who, group, answer) for who in (anna, boris)]
    api_as(anna).put(f"/api/dms/{group}", {"name": "h"})
    assert heard() == [conversation(who, group, answer) for who in (anna, boris)]
    api_as(anna).put(f"/api/dms/{group}/participants/{carol.pk}")
    assert heard() == [conversation(who, group, answer) for who in (anna, boris, carol)]
    api_as(anna).delete(f"/api/dms/{group}/participants/{boris.pk}")
    left = alone("conversation-left", boris, {"channelId": group})
    assert heard() == [left, *(conversation(who, group, answer) for who in (anna, carol))]
    assert Event.objects.filter(kind="conversation-updated").count() == 2  # what is overtaken has left the log
    for who in (anna, carol):
        api_as(who).delete(f"/api/dms/{group}/participants/{who.pk}")
    heard()
    assert not Event.objects.filter(channel_id=group).exclude(kind__in=["access", "gone"]).exists()


def test_many_conversations_are_rendered_for_as_many_queries_as_one(anna, heard):
    def cost(conversations):
        heard()
        for _ in range(conversations):
            make_direct(anna, make_user())
        announced = list(Announcement.objects.filter(kind="conversation-updated"))
        with CaptureQueriesContext(connection) as queries:
            assert len(rendered(announced)) == 2 * conversations
        return len(queries)

    assert cost(10) == cost(1)


def test_a_new_name_is_told_wherever_it_is_shown(anna, boris, carol, friends, heard, answer):
    server = make_server(carol)
    make_member(server, user=anna)
    group = make_group(anna, boris).pk
    heard()
    user_update(user=anna, username="Annette")
    members = {one["userId"]: one for one in answer(carol, f"/serverMembers/{server.pk}/members")}
    assert heard() == [
        alone("user-updated", anna, {"user": answer(anna, "/auth/me")}),
        ("member-updated", server.pk, None, None, {"member": members[anna.pk]}),
        *(alone("friend-updated", who, {"friend": answer(who, "/friends")[0]}) for who in (boris, carol)),
        *(conversation(who, group, answer) for who in (anna, boris)),
    ]
    user_update(user=anna, bio="hello")
    assert [told.kind for told in heard()] == ["user-updated"]


def test_a_new_global_role_is_told_to_oneself(boris, heard, answer):
    heard()
    user_appoint(user=boris, role="moderator")
    assert heard() == [alone("user-updated", boris, {"user": answer(boris, "/auth/me")})]


def test_an_account_that_goes_says_farewell_and_leaves_nothing_else(anna, boris, carol, friends, heard, answer):
    server = make_server(anna)
    member = make_member(server, user=boris)
    group = make_group(anna, boris, carol).pk
    user_update(user=boris, username="Zx9Mark")
    heard()
    assert Event.objects.filter(payload__contains="Zx9Mark").exists()
    boris_id = boris.pk
    user_delete(user=boris)
    assert heard() == [
        ("member-left", server.pk, None, None, {"memberId": member.pk, "userId": boris_id}),
        alone("friend-removed", anna, {"userId": boris_id}),
        *(conversation(who, group, answer) for who in (anna, carol)),
    ]
    assert not Event.objects.filter(payload__contains="Zx9Mark").exists()
