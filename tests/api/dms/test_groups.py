"""`/api/dms/groups` and who takes part in a group."""

import pytest

from accounts.services import user_delete
from friends.models import Conversation, Participant
from friends.services import block_create
from messaging.models import Message
from servers.models import Channel
from tests.api.dms.conftest import UNKNOWN, URL, person
from tests.factories import make_friends, make_group, make_messages, make_user

pytestmark = pytest.mark.django_db
GROUPS = f"{URL}/groups"


def said(answer):
    return answer.status_code, answer.json().get("error")


def taking_part(group):
    return list(Participant.objects.filter(conversation=group.pk).values_list("user_id", flat=True))


def seat(group, user):
    return f"{URL}/{group.pk}/participants/{user.pk}"


def test_a_group_is_made_of_its_maker_and_his_friends(api_as, people):
    anna, boris, carol = people.anna, people.boris, people.carol
    made = api_as(anna).post(GROUPS, {"userIds": [carol.pk, boris.pk, carol.pk], "name": "Тройка"})
    assert made.status_code == 201
    assert made.json() == {
        "id": Conversation.objects.get().pk,
        "type": "group",
        "name": "Тройка",
        "ownerId": anna.pk,
        "participants": [person(anna), person(carol), person(boris)],
        "lastMessageId": None,
        "unread": 0,
        "createdAt": made.json()["createdAt"],
    }
    for user in (anna, boris, carol):
        assert api_as(user).get(URL).json() == [made.json()]
    again = api_as(anna).post(GROUPS, {"userIds": [boris.pk]}).json()
    assert (again["name"], len(api_as(anna).get(URL).json())) == ("", 2), "the same people may have several groups"


def test_only_friends_of_the_maker_and_the_first_stranger_is_named(api_as, people):
    anna, boris, carol, dora = people.anna, people.boris, people.carol, people.dora
    api = api_as(anna)
    assert said(api.post(GROUPS, {"userIds": [boris.pk, dora.pk]})) == (403, f"User {dora.pk} is not your friend")
    assert said(api.post(GROUPS, {"userIds": [boris.pk, UNKNOWN]})) == (404, "User not found")
    assert said(api.post(GROUPS, {"userIds": [boris.pk, anna.pk]})) == (400, "A conversation needs somebody else")
    block_create(user=carol, target_id=anna.pk)
    assert said(api.post(GROUPS, {"userIds": [boris.pk, carol.pk]})) == (403, f"User {carol.pk} is not your friend")
    assert not Channel.objects.exists()
    make_friends(boris, carol)
    block_create(user=boris, target_id=anna.pk)
    assert said(api_as(carol).post(GROUPS, {"userIds": [boris.pk, anna.pk]})) == (403, f"User {anna.pk} is not your friend")
    assert api_as(carol).post(GROUPS, {"userIds": [boris.pk]}).status_code == 201


def test_a_group_has_ten_at_most(api_as, anna, people):
    friends = [make_user() for _ in range(10)]
    make_friends(anna, *friends)
    api, ids = api_as(anna), [friend.pk for friend in friends]
    assert said(api.post(GROUPS, {"userIds": ids}))[0] == 400
    assert not Channel.objects.exists()
    made = api.post(GROUPS, {"userIds": ids[:9]})
    assert len(made.json()["participants"]) == 10
    full = f"{URL}/{made.json()['id']}/participants/{ids[9]}"
    assert said(api.put(full)) == (400, "The limit is reached: 10")
    assert api.delete(f"{URL}/{made.json()['id']}/participants/{ids[0]}").status_code == 204
    joined = api.put(full)
    assert (joined.status_code, joined.json()["participants"][-1]["id"]) == (200, ids[9])


def test_everybody_in_a_group_names_it(api_as, people):
    group = make_group(people.carol, people.boris)
    url = f"{URL}/{group.pk}"
    renamed = api_as(people.boris).put(url, {"name": " b " + "x" * 97})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "b " + "x" * 97)
    assert api_as(people.carol).put(url, {"name": ""}).json()["name"] == ""
    assert said(api_as(people.anna).put(url, {"name": "mine"})) == (403, "You do not take part in this conversation")
    assert api_as(people.carol).get(url).json()["name"] == ""


def test_everybody_in_a_group_brings_his_own_friends(api_as, people):
    anna, boris, carol, dora = people.anna, people.boris, people.carol, people.dora
    group = make_group(boris, make_user())
    a, b = api_as(anna), api_as(boris)
    assert said(b.put(seat(group, carol))) == (403, f"User {carol.pk} is not your friend"), "a friend of a friend"
    assert said(b.put(seat(group, people.dora))) == (403, f"User {dora.pk} is not your friend")
    assert said(b.put(f"{URL}/{group.pk}/participants/{UNKNOWN}")) == (404, "User not found")
    assert said(a.put(seat(group, carol))) == (403, "You do not take part in this conversation")
    joined = b.put(seat(group, anna))
    assert (joined.status_code, joined.json()["participants"][-1]) == (200, person(anna))
    assert said(b.put(seat(group, anna))) == (400, "The user takes part already")
    assert said(b.put(seat(group, boris))) == (400, "The user takes part already")
    assert a.put(seat(group, carol)).status_code == 200, "who came by invitation invites too"
    assert taking_part(group)[2:] == [anna.pk, carol.pk]


@pytest.mark.parametrize("blocker", ["the adding", "the added"])
def test_nobody_is_added_past_a_block_but_others_in_the_group_do_not_matter(api_as, people, blocker):
    anna, boris, carol = people.anna, people.boris, people.carol
    group = make_group(boris, make_user())
    api_as(boris).put(seat(group, anna))
    block_create(user=anna, target_id=carol.pk) if blocker == "the adding" else block_create(user=carol, target_id=anna.pk)
    assert said(api_as(anna).put(seat(group, carol))) == (403, "The user is blocked")
    make_friends(boris, carol)
    assert api_as(boris).put(seat(group, carol)).status_code == 200
    for user in (anna, carol):
        assert api_as(user).post("/api/messages", {"channelId": group.pk, "content": "hi"}).status_code == 201
    assert [row["content"] for row in api_as(anna).get("/api/messages", {"channelId": group.pk}).json()["messages"]] == [
        "hi"
    ] * 2


def test_everybody_leaves_for_himself_and_the_owner_removes_others(api_as, people):
    anna, boris, carol, dora = people.anna, people.boris, people.carol, people.dora
    stay = make_user()
    group = make_group(dora, boris, carol, stay)
    assert said(api_as(boris).delete(seat(group, carol))) == (403, "Only the owner may do this")
    assert said(api_as(boris).delete(seat(group, dora))) == (403, "Only the owner may do this")
    assert said(api_as(dora).delete(seat(group, anna))) == (404, "This user does not take part in the conversation")
    assert said(api_as(anna).delete(seat(group, boris))) == (403, "You do not take part in this conversation")
    assert api_as(boris).delete(seat(group, boris)).status_code == 204
    assert api_as(dora).delete(seat(group, carol)).status_code == 204
    assert taking_part(group) == [dora.pk, stay.pk]
    for user in (boris, carol):
        assert said(api_as(user).delete(seat(group, user))) == (403, "You do not take part in this conversation")
        assert api_as(user).get(URL).json() == []


def test_ownership_passes_to_whom_the_group_has_had_longest(api_as, people):
    anna, boris, carol = people.anna, people.boris, people.carol
    group = make_group(carol, boris)
    make_friends(carol, people.dora)
    api_as(carol).put(seat(group, anna))
    api_as(carol).put(seat(group, people.dora))
    url = f"{URL}/{group.pk}"
    assert api_as(anna).get(url).json()["ownerId"] == carol.pk
    api_as(carol).delete(seat(group, carol))
    assert api_as(anna).get(url).json()["ownerId"] == boris.pk
    assert api_as(anna).put(seat(group, carol)).status_code == 200
    assert api_as(boris).get(url).json()["ownerId"] == boris.pk, "who comes back comes last"
    user_delete(user=boris)
    assert api_as(carol).get(url).json()["ownerId"] == anna.pk
    assert said(api_as(carol).delete(seat(group, people.dora))) == (403, "Only the owner may do this")
    assert api_as(anna).delete(seat(group, people.dora)).status_code == 204
    assert taking_part(group) == [anna.pk, carol.pk]


@pytest.mark.parametrize("how", ["leaving", "deleting the account"])
def test_a_group_goes_with_its_last_participant(api_as, people, how):
    anna, boris = people.anna, people.boris
    group, other = make_group(people.dora, boris), make_group(anna, people.dora)
    messages = make_messages(group.channel, 3, boris)
    kept = make_messages(other.channel, 1, people.dora)[0]
    user_delete(user=people.dora)
    assert taking_part(group) == [boris.pk]
    b = api_as(boris)
    assert [row["userId"] for row in b.get("/api/messages", {"channelId": group.pk}).json()["messages"]] == [boris.pk] * 3
    if how == "leaving":
        assert b.delete(seat(group, boris)).status_code == 204
        assert b.get(f"{URL}/{group.pk}").status_code == 404
    else:
        assert b.delete("/api/users").status_code == 200
    assert not Message.objects.filter(pk__in=[message.pk for message in messages]).exists()
    assert list(Channel.objects.values_list("pk", flat=True)) == [other.pk]
    assert api_as(anna).get(f"/api/messages/{kept.pk}").json()["user"] is None
