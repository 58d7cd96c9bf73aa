"""Webhooks: whoever knows the address writes in the channel, and is shown as no person."""

import pytest

from accounts.models import Kind, User
from accounts.services import user_block, user_delete
from audit.models import AuditEntry
from integrations.models import Webhook
from integrations.services.webhooks import MESSAGES_PER_WEBHOOK, WEBHOOKS_PER_CHANNEL
from messaging.models import Message
from servers.permissions import Permission
from servers.services.servers import server_block
from tests.api.test_races import at_once, statuses
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db


class Scene:
    def __init__(self, api_as) -> None:
        self.stranger = api_as()
        self.server = make_server()
        self.owner = api_as(self.server.owner)
        self.channel = make_channel(self.server, type="text")
        self.path = f"/api/servers/{self.server.pk}/channels/{self.channel.pk}/webhooks"

    def make(self, name: str = "Builds", **fields) -> dict:
        answer = self.owner.post(self.path, {"name": name, **fields})
        assert answer.status_code == 201, answer.json()
        return answer.json()

    def say(self, hook: dict, content: str = "green", wait: bool = True, **fields):
        return self.stranger.post(hook["url"] + ("?wait=true" if wait else ""), {"content": content, **fields})

    def contents(self) -> list[str]:
        page = self.owner.get(f"/api/messages?channelId={self.channel.pk}").json()
        return [message["content"] for message in page["messages"]]


@pytest.fixture
def scene(api_as) -> Scene:
    return Scene(api_as)


def test_a_webhook_writes_as_itself_and_is_no_person(scene):
    hook = scene.make(avatarUrl="https://example.com/builds.png")
    assert hook["url"] == f"/api/webhooks/{hook['id']}/{hook['token']}"
    message = scene.say(hook, "Build 42 is green")
    assert message.status_code == 200
    shown = {"id": hook["userId"], "username": "Builds", "avatar": "https://example.com/builds.png", "isBot": True}
    assert message.json().items() >= {"content": "Build 42 is green", "userId": hook["userId"], "user": shown}.items()
    assert scene.owner.get(f"/api/messages/{message.json()['id']}").json() == message.json()
    quiet = scene.say(hook, wait=False)
    assert (quiet.status_code, quiet.content) == (204, b"")
    assert scene.contents() == ["Build 42 is green", "green"]
    assert scene.owner.get(f"/api/users/{hook['userId']}").json()["isBot"] is True


def test_one_message_may_stand_under_another_name_and_still_is_no_persons(scene):
    hook = scene.make()
    owner = scene.server.owner
    message = scene.say(hook, username=owner.username, avatarUrl="https://example.com/a.png").json()
    shown = {"id": hook["userId"], "username": owner.username, "avatar": "https://example.com/a.png", "isBot": True}
    assert message["user"] == shown
    assert scene.say(hook).json()["user"]["username"] == "Builds"
    page = scene.owner.get(f"/api/messages?channelId={scene.channel.pk}").json()["messages"]
    assert [one["user"]["username"] for one in page] == [owner.username, "Builds"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"content": ""},
        {"content": "x" * 4001},
        {"content": 5},
        {"content": "a\0b"},
        {"content": "x", "username": "n" * 26},
        {"content": "x", "username": ["n"]},
        {"content": "x", "avatarUrl": "javascript:alert(1)"},
        ["x"],
    ],
)
def test_what_makes_no_sense_is_refused(scene, wrong):
    hook = scene.make()
    assert is_error(scene.stranger.post(hook["url"], wrong), 400)
    assert scene.contents() == []


def test_a_wrong_address_looks_as_if_there_were_no_webhook(scene):
    hook = scene.make()
    for url in (f"/api/webhooks/{hook['id']}/wrong", f"/api/webhooks/{hook['id'] + 1}/{hook['token']}", f"{hook['url']}x"):
        assert is_error(scene.stranger.post(url, {"content": "x"}), 404)


def test_its_token_is_shown_once_and_kept_as_its_digest(scene):
    hook = scene.make()
    token = hook["token"]
    told = {name: value for name, value in hook.items() if name not in {"token", "url"}}
    assert scene.owner.get(f"/api/webhooks/{hook['id']}").json() == told
    assert scene.owner.get(scene.path).json() == [told]
    assert token not in str(Webhook.objects.values())
    assert not AuditEntry.objects.filter(after__icontains=token).exists()


def test_a_new_address_closes_the_one_before(scene):
    hook = scene.make()
    again = scene.owner.post(f"/api/webhooks/{hook['id']}/token").json()
    assert is_error(scene.say(hook), 404)
    assert scene.say(again).status_code == 200


def test_only_who_manages_webhooks_there_reaches_them(scene, api_as):
    hook = scene.make()
    one = f"/api/webhooks/{hook['id']}"
    member, manager = make_member(scene.server), make_member(scene.server, permissions=int(Permission.MANAGE_WEBHOOKS))
    for api, allowed in ((api_as(member.user), False), (api_as(make_user()), False), (api_as(manager.user), True)):
        for method, path, body, good in (
            ("get", scene.path, None, 200),
            ("get", one, None, 200),
            ("put", one, {"name": "New"}, 200),
            ("post", scene.path, {"name": "x"}, 201),
            ("post", f"{one}/token", None, 200),
            ("delete", one, None, 204),
        ):
            answer = getattr(api, method)(path, body)
            assert answer.status_code == good if allowed else is_error(answer, 403), (method, path)
    assert is_error(scene.owner.get(one), 404)


def test_a_channel_that_is_another_servers_has_no_webhooks_here(scene):
    other = make_channel(make_server(), type="text")
    assert is_error(scene.owner.get(f"/api/servers/{scene.server.pk}/channels/{other.pk}/webhooks"), 404)


def test_it_is_renamed_and_every_act_is_in_the_servers_log(scene):
    hook = scene.make()
    scene.owner.put(f"/api/webhooks/{hook['id']}", {"name": "CI", "avatarUrl": "https://example.com/ci.png"})
    assert scene.say(hook).json()["user"].items() >= {"username": "CI", "avatar": "https://example.com/ci.png"}.items()
    scene.owner.post(f"/api/webhooks/{hook['id']}/token")
    scene.owner.delete(f"/api/webhooks/{hook['id']}", {"reason": "no builds any more"})
    log = AuditEntry.objects.filter(log=f"server:{scene.server.pk}", target_type="webhook").order_by("sequence")
    assert [entry.action for entry in log] == [f"webhook.{act}" for act in ("create", "update", "rotate", "delete")]
    assert (log[1].before["username"], log[1].after["username"], log[3].reason) == ("Builds", "CI", "no builds any more")


def test_many_webhooks_may_have_one_name_even_a_persons(scene):
    names = [scene.make(name)["name"] for name in ("Builds", "Builds", scene.server.owner.username)]
    assert names == ["Builds", "Builds", scene.server.owner.username]


def test_a_webhook_writes_in_text_channels_only(scene):
    voice = make_channel(scene.server)
    assert is_error(scene.owner.post(f"/api/servers/{scene.server.pk}/channels/{voice.pk}/webhooks", {"name": "x"}), 400)


def test_webhooks_of_a_channel_are_bounded(scene):
    for _ in range(WEBHOOKS_PER_CHANNEL):
        scene.make()
    assert is_error(scene.owner.post(scene.path, {"name": "one more"}), 400)


def test_messages_of_a_webhook_are_bounded_in_time(scene, settings):
    settings.RATE_LIMITS = True
    hook, other = scene.make(), scene.make()
    answers = [scene.say(hook).status_code for _ in range(MESSAGES_PER_WEBHOOK.most + 1)]
    assert answers == [200] * MESSAGES_PER_WEBHOOK.most + [429]
    assert scene.say(other).status_code == 200


def test_a_blocked_server_takes_nothing(scene):
    hook = scene.make()
    server_block(server=scene.server, by=None, reason="spam")
    answer = scene.say(hook)
    assert is_error(answer, 403)
    assert "server" not in answer.json()


def test_it_calls_whom_its_maker_could_call(scene, api_as):
    maker = make_member(scene.server, permissions=int(Permission.MANAGE_WEBHOOKS))
    hook = api_as(maker.user).post(scene.path, {"name": "Builds"}).json()
    called = make_member(scene.server).user
    said = scene.say(hook, f"@{called.username} @everyone").json()
    assert (said["mentions"], said["mentionsEveryone"]) == ([called.pk], False)
    make_role(scene.server, int(Permission.MENTION_EVERYONE), holder=maker)
    assert scene.say(hook, "@everyone").json()["mentionsEveryone"] is True
    maker.delete()
    said = scene.say(hook, f"@{called.username} @everyone").json()
    assert (said["mentions"], said["mentionsEveryone"]) == ([], False)


def test_administrators_may_block_it_as_an_account(scene):
    hook = scene.make()
    user_block(user=User.objects.get(pk=hook["userId"]), by=None, reason="spam")
    assert is_error(scene.say(hook), 404)


def test_moderators_delete_what_it_said(scene, api_as):
    said = scene.say(scene.make()).json()["id"]
    assert is_error(api_as(make_member(scene.server).user).delete(f"/api/messages/{said}"), 403)
    assert scene.owner.delete(f"/api/messages/{said}").status_code == 204


def test_it_outlives_its_maker(scene, api_as):
    maker = make_member(scene.server, permissions=int(Permission.MANAGE_WEBHOOKS)).user
    hook = api_as(maker).post(scene.path, {"name": "Builds"}).json()
    assert hook["createdBy"] == maker.pk
    user_delete(user=maker)
    assert scene.owner.get(f"/api/webhooks/{hook['id']}").json()["createdBy"] is None
    assert scene.say(hook).status_code == 200


@pytest.mark.parametrize("end", ["", "channel", "server"])
def test_its_account_goes_with_it_however_it_goes(scene, django_capture_on_commit_callbacks, end):
    hook = scene.make()
    said = scene.say(hook).json()["id"]
    paths = {"": f"/api/webhooks/{hook['id']}", "server": f"/api/servers/{scene.server.pk}"}
    paths["channel"] = f"{paths['server']}/channels/{scene.channel.pk}"
    with django_capture_on_commit_callbacks(execute=True):
        assert scene.owner.delete(paths[end]).status_code == 204
    assert not User.objects.filter(kind=Kind.WEBHOOK).exists()
    assert is_error(scene.say(hook), 404)
    assert Message.objects.filter(pk=said, user=None).exists() is (end == "")


def test_a_webhook_is_no_member_no_friend_and_nobody_signs_in_to_it(scene):
    account = User.objects.get(pk=scene.make()["userId"])
    assert is_error(scene.owner.post(f"/api/serverMembers/{scene.server.pk}/members", {"userId": account.pk}), 400)
    assert is_error(scene.owner.post("/api/friends/request", {"friendId": account.pk}), 400)
    assert is_error(scene.owner.post("/api/dms", {"userId": account.pk}), 403)
    assert scene.stranger.post("/api/login", {"login": account.username_key, "password": "!"}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_a_new_address_at_once_one_counts(api_as):
    scene = Scene(api_as)
    hook = scene.make()
    answers = at_once(*[lambda: scene.owner.post(f"/api/webhooks/{hook['id']}/token").json()] * 2)
    assert is_error(scene.say(hook), 404)
    assert sorted(scene.say(answer).status_code for answer in answers) == [200, 404]


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_while_it_or_its_channel_is_deleted_is_heard_or_refused(api_as):
    for whole in (False, True):
        scene = Scene(api_as)
        hook = scene.make()
        end = scene.path.removesuffix("/webhooks") if whole else f"/api/webhooks/{hook['id']}"
        found = statuses(
            [lambda end=end, scene=scene: scene.owner.delete(end), *[lambda s=scene, h=hook: s.say(h, wait=False)] * 8]
        )
        assert found[204] + found[404] == 9
        assert is_error(scene.say(hook), 404)
        assert not User.objects.filter(kind=Kind.WEBHOOK).exists()


@pytest.mark.django_db(transaction=True)
def test_many_who_make_webhooks_at_once_pass_no_bound(api_as):
    scene = Scene(api_as)
    makers = [lambda: scene.owner.post(scene.path, {"name": "x"}) for _ in range(WEBHOOKS_PER_CHANNEL + 5)]
    assert statuses(makers) == {201: WEBHOOKS_PER_CHANNEL, 400: 5}
