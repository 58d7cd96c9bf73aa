"""Who is named in a message, who may read that he is, and who can call everyone."""

import pytest

from friends.models import Block
from messaging.models import MENTIONS_PER_MESSAGE, Mention
from servers.permissions import Permission
from tests.factories import make_channel, make_direct, make_group, make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(anna):
    return make_channel(make_server(anna), type="text")


@pytest.fixture
def boris(channel, boris):
    make_member(channel.server, user=boris)
    return boris


def post(api, channel, content, **fields):
    answer = api.post("/api/messages", {"channelId": channel.pk, "content": content, **fields})
    assert answer.status_code == 201, answer.json()
    return answer.json()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Boris", True),
        ("hello @boris!", True),
        ("(@BORIS, you?)", True),
        ("it was @boris.", True),
        ("@boris...", True),
        ("@boris-", True),
        ("@ｂｏｒｉｓ", True),
        ("@@boris", True),
        ("@boris @boris", True),
        ("boris", False),
        ("@ boris", False),
        ("mail@boris", False),
        ("mail.@boris", False),
        ("@boris.the.second", False),
        ("@borisov", False),
        ("@" + "boris" * 20, False),
        ("@", False),
    ],
)
def test_a_name_behind_an_at(api_as, anna, boris, channel, text, named):
    message = post(api_as(anna), channel, text)
    assert message["mentions"] == ([boris.pk] if named else [])
    assert message["mentionsEveryone"] is False


def test_names_hold_dots_and_the_longest_counts(api_as, anna, channel):
    plain, dotted = make_user(username="dot"), make_user(username="dot.")
    for user in (plain, dotted):
        make_member(channel.server, user=user)
    assert post(api_as(anna), channel, "@dot.")["mentions"] == [dotted.pk]
    assert post(api_as(anna), channel, "@dot..")["mentions"] == [dotted.pk]
    assert post(api_as(anna), channel, "@dot")["mentions"] == [plain.pk]


def test_all_reads_tell_it(api_as, anna, boris, channel):
    api = api_as(anna)
    message = post(api, channel, "@boris")
    plain = post(api, channel, "nobody")
    assert api.get(f"/api/messages/{message['id']}").json() == message
    page = api.get("/api/messages", {"channelId": channel.pk}).json()["messages"]
    assert page == [message, plain]
    assert plain["mentions"] == []


def test_oneself_strangers_and_those_who_do_not_see_the_channel_are_not_named(api_as, anna, boris, carol, channel):
    hidden = make_channel(channel.server, type="text")
    everyone = channel.server.roles.get(preset="everyone")
    hidden.overwrites.create(role=everyone, deny=Permission.READ_MESSAGE_HISTORY)
    assert post(api_as(anna), channel, "@anna @carol @nobody-here")["mentions"] == []
    assert post(api_as(anna), hidden, "@boris")["mentions"] == []


@pytest.mark.parametrize("blocker", ["anna", "boris"])
def test_a_block_keeps_the_two_from_naming_each_other(api_as, anna, boris, channel, blocker):
    pair = (anna, boris) if blocker == "anna" else (boris, anna)
    Block.objects.create(blocker=pair[0], blocked=pair[1])
    assert post(api_as(anna), channel, "@boris")["mentions"] == []


def test_a_number_of_names_is_the_most(api_as, anna, channel):
    people = [make_member(channel.server).user for _ in range(MENTIONS_PER_MESSAGE + 1)]
    message = post(api_as(anna), channel, " ".join(f"@{user.username}" for user in people))
    assert message["mentions"] == [user.pk for user in people[:MENTIONS_PER_MESSAGE]]


@pytest.mark.parametrize("word", ["@everyone", "@here", "look, @Everyone!"])
def test_everyone_is_called_by_those_who_may(api_as, anna, boris, channel, word):
    assert post(api_as(anna), channel, word)["mentionsEveryone"] is True
    assert post(api_as(boris), channel, word)["mentionsEveryone"] is False
    role = make_role(channel.server, Permission.MENTION_EVERYONE, holder=boris_in(channel, boris))
    assert post(api_as(boris), channel, word)["mentionsEveryone"] is True
    channel.overwrites.create(role=role, deny=Permission.MENTION_EVERYONE)
    assert post(api_as(boris), channel, word)["mentionsEveryone"] is False
    assert not Mention.objects.exists()


def boris_in(channel, boris):
    return channel.server.members.get(user=boris)


def test_whoever_is_called_everyone_is_not_meant(api_as, anna, channel):
    make_member(channel.server, user=make_user(username="everyone"))
    assert post(api_as(anna), channel, "@everyone")["mentions"] == []


def test_in_conversations_participants_are_named_and_nobody_calls_everyone(api_as, anna, boris, carol):
    direct = make_direct(anna, boris).channel
    assert post(api_as(anna), direct, "@boris @carol @everyone")["mentions"] == [boris.pk]
    group = make_group(anna, boris, carol).channel
    message = post(api_as(boris), group, "@anna @carol @here")
    assert (message["mentions"], message["mentionsEveryone"]) == (sorted([anna.pk, carol.pk]), False)


def test_an_edit_keeps_them_true(api_as, anna, boris, carol, channel):
    make_member(channel.server, user=carol)
    api = api_as(anna)
    url = f"/api/messages/{post(api, channel, '@boris @everyone')['id']}"
    changed = api.put(url, {"content": "@boris @carol"}).json()
    assert (changed["mentions"], changed["mentionsEveryone"]) == (sorted([boris.pk, carol.pk]), False)
    assert api.put(url, {"content": "@carol"}).json()["mentions"] == [carol.pk]
    assert api.put(url, {"content": "nobody"}).json()["mentions"] == []
    assert not Mention.objects.exists()
    assert api.put(url, {"content": "@boris"}).json()["mentions"] == [boris.pk]


def test_who_called_everyone_may_correct_his_words_afterwards(api_as, boris, channel):
    role = make_role(channel.server, Permission.MENTION_EVERYONE, holder=boris_in(channel, boris))
    api = api_as(boris)
    loud, quiet = (post(api, channel, text)["id"] for text in ("@everyone", "nobody"))
    role.delete()
    assert api.put(f"/api/messages/{loud}", {"content": "@everyone!"}).json()["mentionsEveryone"] is True
    assert api.put(f"/api/messages/{quiet}", {"content": "@everyone!"}).json()["mentionsEveryone"] is False


def test_the_same_nonce_again_names_nobody_twice(api_as, anna, boris, channel):
    first = post(api_as(anna), channel, "@boris", nonce="n")
    again = api_as(anna).post("/api/messages", {"channelId": channel.pk, "content": "@boris", "nonce": "n"})
    assert (again.status_code, again.json()) == (200, first)
    assert Mention.objects.count() == 1


def mentions(api, **query):
    return [message["id"] for message in api.get("/api/messages/mentions", query).json()]


def test_ones_own_list_newest_first_in_pages(api_as, anna, boris, channel):
    other = make_channel(make_server(anna), type="text")
    make_member(other.server, user=boris)
    direct = make_direct(anna, boris).channel
    api = api_as(anna)
    posted = [
        post(api, place, text)["id"]
        for place, text in (
            (channel, "@boris"),
            (other, "@boris and @everyone"),
            (channel, "nobody"),
            (direct, "@boris"),
            (channel, "@here"),
        )
    ]
    own = [posted[4], posted[3], posted[1], posted[0]]
    assert mentions(api_as(boris)) == own
    assert mentions(api_as(boris), limit=2) == own[:2]
    assert mentions(api_as(boris), before=own[1], limit=1) == own[2:3]
    assert mentions(api) == []


def test_the_list_holds_only_what_one_may_read_now(api_as, anna, boris, channel):
    post(api_as(anna), channel, "@boris @everyone")
    assert len(mentions(api_as(boris))) == 1
    channel.overwrites.create(role=channel.server.roles.get(preset="everyone"), deny=Permission.VIEW_CHANNEL)
    assert mentions(api_as(boris)) == []


def test_bad_pages(api_as, boris):
    assert api_as().get("/api/messages/mentions").status_code == 401
    for query in ({"before": "x"}, {"before": 0}, {"limit": "-1"}):
        assert api_as(boris).get("/api/messages/mentions", query).status_code == 400
    assert mentions(api_as(boris), before="9" * 40) == []


def test_unread_mentions_are_counted_once(api_as, anna, boris, channel):
    def state():
        return next(one for one in api_as(boris).get("/api/messages/unread").json() if one["channelId"] == channel.pk)

    api = api_as(anna)
    first = post(api, channel, "@boris")["id"]
    post(api, channel, "@boris @everyone")
    post(api, channel, "@here")
    post(api, channel, "nobody")
    assert (state()["unread"], state()["mentions"]) == (4, 3)
    assert api_as(boris).put("/api/messages/read", {"channelId": channel.pk, "messageId": first}).json()["mentions"] == 2
    Block.objects.create(blocker=boris, blocked=anna)
    assert state()["mentions"] == 1  # the one in which he was named before
    assert len(mentions(api_as(boris))) == 2


def test_mentions_go_with_their_message_and_with_the_account(api_as, anna, boris, channel):
    message = post(api_as(anna), channel, "@boris")["id"]
    api_as(anna).delete(f"/api/messages/{message}")
    assert not Mention.objects.exists()
    post(api_as(anna), channel, "@boris")
    boris.delete()
    assert not Mention.objects.exists()
