"""Bots: accounts of programs, with tokens that open what their scopes say and nothing else."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import Session, User
from accounts.scopes import SCOPES
from accounts.selectors import sessions_alive, users_signed_in
from accounts.services import user_block, user_delete
from audit.models import AuditEntry
from integrations.models import Bot
from integrations.scopes import OPEN_TO_BOTS
from integrations.services.bots import BOTS_PER_OWNER, TOKENS_PER_BOT, bot_create, bot_token_create
from projectvoice.kernel.errors import DomainError
from projectvoice.kernel.events import AccessChanged, AccessEnded
from servers.models import Member
from servers.permissions import Permission
from tests.acceptance import METHODS
from tests.api.test_races import at_once, statuses
from tests.api.world import is_error
from tests.factories import PASSWORD, make_channel, make_invite, make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db


def make_bot(owner: User, name: str = "helper", *, is_public: bool = False) -> Bot:
    return bot_create(owner=owner, username=name, is_public=is_public)


def token_of(bot: Bot, *scopes: str, **fields) -> str:
    return bot_token_create(bot=bot, name="test", scopes=scopes or list(SCOPES), **fields)[1]


def test_a_bot_is_made_shown_changed_and_deleted_by_its_owner(api_as, anna):
    api = api_as(anna)
    made = api.post("/api/bots", {"username": "helper", "bio": "I help", "isPublic": True})
    assert made.status_code == 201
    bot = made.json()
    assert bot.items() >= {"username": "helper", "ownerId": anna.pk, "isPublic": True, "isBot": True, "bio": "I help"}.items()
    assert api.get("/api/bots").json() == [bot]
    assert api.get(f"/api/bots/{bot['id']}").json() == bot
    changed = api.put(f"/api/bots/{bot['id']}", {"username": "aide", "isPublic": False, "bio": None}).json()
    assert changed == {**bot, "username": "aide", "isPublic": False, "bio": None}
    assert api.get(f"/api/users/{bot['id']}").json()["isBot"] is True
    assert api.delete(f"/api/bots/{bot['id']}").status_code == 204
    assert is_error(api.get(f"/api/bots/{bot['id']}"), 404)
    assert is_error(api.get(f"/api/users/{bot['id']}"), 404)


def test_nobody_else_reaches_a_bot_or_its_tokens(api_as, anna, boris):
    bot, other = make_bot(anna, is_public=True), api_as(boris)
    token, _ = bot_token_create(bot=bot, name="mine", scopes=["voice"])
    for method, path, body in (
        ("get", "", None),
        ("put", "", {"username": "taken"}),
        ("delete", "", None),
        ("get", "/tokens", None),
        ("post", "/tokens", {"name": "his", "scopes": ["voice"]}),
        ("delete", f"/tokens/{token.pk}", None),
    ):
        assert is_error(getattr(other, method)(f"/api/bots/{bot.pk}{path}", body), 404), (method, path)
    assert other.get("/api/bots").json() == []
    assert bot.user.sessions.count() == 1


def test_a_bots_name_is_a_username_like_all_others(api_as, anna):
    api = api_as(anna)
    assert is_error(api.post("/api/bots", {"username": "ANNA"}), 400)
    assert is_error(api.post("/api/bots", {"username": "a b"}), 400)
    assert is_error(api.post("/api/bots", {"username": "bot", "bio": "\0"}), 400)
    assert is_error(api.post("/api/bots", {"username": "bot", "isPublic": "yes"}), 400)
    assert not Bot.objects.exists()


def test_a_token_is_shown_once_and_kept_as_its_digest(api_as, anna):
    bot, api = make_bot(anna), api_as(anna)
    answer = api.post(f"/api/bots/{bot.pk}/tokens", {"name": "prod", "scopes": ["events", "voice", "events"]})
    assert answer.status_code == 201
    made = answer.json()
    token = made.pop("token")
    assert token.startswith("pvb_")
    assert made.items() >= {"name": "prod", "expiresAt": None}.items()
    assert api.get(f"/api/bots/{bot.pk}/tokens").json() == [made]
    assert token not in str(Session.objects.filter(user=bot.user).values())
    itself = api_as(token=token).get("/api/bots/me").json()
    assert (itself["id"], itself["scopes"]) == (bot.pk, ["events", "voice"])
    assert is_error(api.get("/api/bots/me"), 404)
    assert api.delete(f"/api/bots/{bot.pk}/tokens/{made['id']}").status_code == 204
    assert is_error(api.delete(f"/api/bots/{bot.pk}/tokens/{made['id']}"), 404)
    assert is_error(api_as(token=token).get("/api/bots/me"), 401)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": ["voice"]},
        {"name": "x"},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": [7]},
        {"name": "x", "scopes": "voice"},
        {"name": "a\0b", "scopes": ["voice"]},
        {"name": "x", "scopes": ["voice"], "expiresAt": "2020-01-01T00:00:00.000Z"},
        {"name": "x", "scopes": ["voice"], "expiresAt": 5},
    ],
)
def test_a_token_that_makes_no_sense_is_refused(api_as, anna, wrong):
    bot = make_bot(anna)
    assert is_error(api_as(anna).post(f"/api/bots/{bot.pk}/tokens", wrong), 400)
    assert not bot.user.sessions.exists()


def test_a_token_ends_when_it_said(api_as, anna):
    bot = make_bot(anna)
    token = token_of(bot, "servers.read", expires_at=timezone.now() + timedelta(hours=1))
    assert api_as(token=token).get("/api/servers").status_code == 200
    bot.user.sessions.update(expires_at=timezone.now())
    assert is_error(api_as(token=token).get("/api/servers"), 401)
    assert api_as(anna).get(f"/api/bots/{bot.pk}/tokens").json() == []


@pytest.mark.parametrize("token", ["pvb_", "pvb_wrong", "pvb_\xe9", "PVB_wrong"])
def test_a_token_of_no_bot_opens_nothing(api_as, token):
    assert is_error(api_as().get("/api/servers", HTTP_AUTHORIZATION=f"Bearer {token}"), 401)


def endpoints() -> dict[str, tuple[str, set[str]]]:
    """By the URL's name: its route and methods."""
    found = {}
    for resolver in get_resolver().url_patterns:
        for entry in getattr(resolver, "url_patterns", []):
            view = getattr(entry.callback, "cls", None)
            if view is not None:
                methods = {method for method in METHODS if hasattr(view, method.lower())}
                found[entry.name] = f"{resolver.pattern}{entry.pattern}", methods
    return found


def test_every_operation_that_is_open_to_bots_exists():
    known = endpoints()
    for name, method in OPEN_TO_BOTS:
        assert method in known[name][1], (name, method)


def filled(route: str) -> str:
    for kind, value in (("id", "1"), ("uuid", "00000000-0000-4000-8000-000000000000"), ("str", "x"), ("path", "x")):
        while f"<{kind}:" in route:
            head, _, tail = route.partition(f"<{kind}:")
            route = f"{head}{value}{tail.partition('>')[2]}"
    return f"/{route}"


def test_what_is_not_listed_no_bot_may_whatever_its_scopes(api_as, anna):
    """Every endpoint that asks for a token."""
    bot = make_bot(anna)
    api, asked = api_as(token=token_of(bot)), 0
    for name, (route, methods) in endpoints().items():
        for method in methods:
            if (name, method) in OPEN_TO_BOTS or not _asks(name):
                continue
            answer = api.generic(method, filled(route))
            assert is_error(answer, 403), (name, method)
            assert answer.json()["error"] == "Bots may not do this"
            asked += 1
    assert asked > 60


def _asks(name: str) -> bool:
    view = next(
        entry.callback.cls
        for resolver in get_resolver().url_patterns
        for entry in getattr(resolver, "url_patterns", [])
        if getattr(entry, "name", "") == name and hasattr(entry.callback, "cls")
    )
    return bool(view.authentication_classes)


def test_each_scope_opens_its_own_and_no_other(api_as, anna):
    server = make_server(anna)
    channel = make_channel(server, type="text")
    bot = make_bot(anna)
    make_member(server, user=bot.user, permissions=int(Permission.MANAGE_CHANNELS))
    tries = {
        "servers.read": ("get", f"/api/servers/{server.pk}/channels", None),
        "members.read": ("get", f"/api/serverMembers/{server.pk}/members", None),
        "messages.read": ("get", f"/api/messages?channelId={channel.pk}", None),
        "messages.write": ("post", "/api/messages", {"channelId": channel.pk, "content": "hello"}),
        "servers.manage": ("post", f"/api/servers/{server.pk}/channels", {"name": "new"}),
        "voice": ("get", "/api/voice/ice-servers", None),
    }
    for scope in tries:
        api = api_as(token=token_of(bot, scope))
        for needed, (method, path, body) in tries.items():
            answer = getattr(api, method)(path, body)
            if needed == scope:
                assert answer.status_code in {200, 201}, (scope, answer.json())
            else:
                assert is_error(answer, 403)
                assert answer.json()["details"] == {"scopes": [needed]}


def test_a_bot_is_told_apart_wherever_it_is_shown(api_as, anna):
    server = make_server(anna)
    channel, bot = make_channel(server, type="text"), make_bot(anna)
    make_member(server, user=bot.user)
    wrote = api_as(token=token_of(bot)).post("/api/messages", {"channelId": channel.pk, "content": "beep"}).json()
    assert wrote["user"] == {"id": bot.pk, "username": "helper", "avatar": None, "isBot": True}
    api = api_as(anna)
    assert api.get(f"/api/messages/{wrote['id']}").json()["user"]["isBot"] is True
    members = api.get(f"/api/serverMembers/{server.pk}/members").json()
    assert {member["userId"]: member["user"]["isBot"] for member in members} == {anna.pk: False, bot.pk: True}
    direct = api.post("/api/dms", {"userId": bot.pk}).json()
    assert {person["id"]: person["isBot"] for person in direct["participants"]} == {anna.pk: False, bot.pk: True}


def test_a_bots_rights_are_those_of_its_roles(api_as, anna):
    server = make_server(anna)
    bot = make_bot(anna)
    api = api_as(token=token_of(bot))
    assert is_error(api.get(f"/api/servers/{server.pk}"), 403)
    member = make_member(server, user=bot.user)
    assert api.get(f"/api/servers/{server.pk}").status_code == 200
    assert is_error(api.post(f"/api/servers/{server.pk}/channels", {"name": "x"}), 403)
    make_role(server, int(Permission.MANAGE_CHANNELS), holder=member)
    assert api.post(f"/api/servers/{server.pk}/channels", {"name": "x"}).status_code == 201


def test_a_bot_is_added_by_whoever_manages_the_server(api_as, anna, boris):
    server = make_server(boris)
    role = make_role(server, int(Permission.ADD_REACTIONS))
    private, public = make_bot(anna), make_bot(anna, "public", is_public=True)
    manager = make_member(server, permissions=int(Permission.MANAGE_GUILD)).user
    path = f"/api/servers/{server.pk}/bots"
    assert is_error(api_as(make_member(server).user).post(path, {"botId": public.pk}), 403)
    assert is_error(api_as(anna).post(path, {"botId": public.pk}), 403)
    assert is_error(api_as(manager).post(path, {"botId": private.pk}), 404)
    assert is_error(api_as(manager).post(path, {"botId": anna.pk}), 404)
    assert is_error(api_as(manager).post(path, {"botId": "1"}), 400)
    assert is_error(api_as(manager).post(path, {"botId": public.pk, "roleIds": [role.pk]}), 403)  # he may not give roles
    assert not Member.objects.filter(server=server, user=public.user).exists()
    added = api_as(boris).post(path, {"botId": public.pk, "roleIds": [role.pk], "reason": "counts"})
    assert added.status_code == 201
    assert (added.json()["user"]["isBot"], [one["id"] for one in added.json()["roles"]]) == (True, [role.pk])
    assert is_error(api_as(manager).post(path, {"botId": public.pk}), 400)
    entry = AuditEntry.objects.get(log=f"server:{server.pk}", action="bot.add")
    assert (entry.target_id, entry.reason) == (public.pk, "counts")


def test_a_banned_bot_is_not_added(api_as, anna):
    server, bot = make_server(anna), make_bot(anna)
    api = api_as(anna)
    member = api.post(f"/api/servers/{server.pk}/bots", {"botId": bot.pk}).json()
    assert api.post(f"/api/serverMembers/{server.pk}/members/{member['id']}/ban", {}).status_code == 200
    assert is_error(api.post(f"/api/servers/{server.pk}/bots", {"botId": bot.pk}), 403)


def test_a_bot_comes_by_no_other_way_and_is_nobodys_friend_owner_or_administrator(api_as, anna, boris):
    server, bot = make_server(anna), make_bot(anna, is_public=True)
    api, itself = api_as(anna), api_as(token=token_of(bot))
    assert is_error(itself.post(f"/api/invite/invite/{make_invite(server).token}/accept"), 403)
    assert is_error(api.post(f"/api/serverMembers/{server.pk}/members", {"userId": bot.pk}), 400)
    assert is_error(itself.post("/api/friends/request", {"friendId": boris.pk}), 403)
    assert is_error(api.post("/api/friends/request", {"friendId": bot.pk}), 400)
    make_member(server, user=bot.user)
    assert is_error(api.post(f"/api/serverMembers/{server.pk}/owner", {"userId": bot.pk}), 400)
    admin = make_user(role="admin")
    assert is_error(api_as(admin).put(f"/api/admin/users/{bot.pk}", {"role": "admin"}), 400)


def test_nobody_signs_in_to_a_bot(api_as, anna):
    bot = make_bot(anna)
    for password in (PASSWORD, "", "!"):
        answer = api_as().post("/api/login", {"login": bot.user.username, "password": password})
        assert answer.status_code in {400, 401}
    assert is_error(api_as().post("/api/auth/login", {"email": bot.user.email, "password": PASSWORD}), 400)


def test_blocking_the_owner_ends_the_tokens_of_his_bots_for_good(api_as, anna, told):
    bot = make_bot(anna)
    token = token_of(bot)
    with told:
        user_block(user=anna, by=None, reason=None)
    assert {AccessChanged(user_id=bot.pk), AccessEnded(bot.pk)} <= set(told)
    assert is_error(api_as(token=token).get("/api/servers"), 401)


def test_a_blocked_bot_answers_as_a_blocked_account(api_as, anna):
    bot = make_bot(anna)
    token = token_of(bot)
    user_block(user=bot.user, by=None, reason="spam")
    answer = api_as(token=token).get("/api/servers")
    assert is_error(answer, 403)
    assert answer.json()["blockReason"] == "spam"


def test_deleting_the_owner_deletes_his_bots(api_as, anna, boris, told):
    server, bot = make_server(boris), make_bot(anna)
    make_member(server, user=bot.user)
    channel = make_channel(server, type="text")
    token = token_of(bot)
    said = api_as(token=token).post("/api/messages", {"channelId": channel.pk, "content": "still here"}).json()["id"]
    with told:
        user_delete(user=anna)
    assert AccessEnded(bot.pk) in told
    assert not User.objects.filter(pk=bot.pk).exists()
    assert is_error(api_as(token=token).get("/api/servers"), 401)
    assert api_as(boris).get(f"/api/messages/{said}").json()["user"] is None


@pytest.mark.parametrize(("name", "value"), [("TWO_FACTOR", "everyone"), ("EMAIL_CONFIRMATION", "required")])
def test_what_is_asked_of_people_before_they_come_in_is_not_asked_of_bots(api_as, anna, settings, name, value):
    bot = make_bot(anna)
    session, token = bot_token_create(bot=bot, name="x", scopes=["servers.read"])
    setattr(settings, name, value)
    assert is_error(api_as(anna).get("/api/servers"), 403)
    assert api_as(token=token).get("/api/servers").status_code == 200
    assert sessions_alive({session.pk}) == {session.pk}
    assert users_signed_in({bot.pk, anna.pk}) == {bot.pk}


def test_revoking_a_token_tells_the_calls(api_as, anna, told):
    bot = make_bot(anna)
    session, _ = bot_token_create(bot=bot, name="x", scopes=["voice"])
    with told:
        api_as(anna).delete(f"/api/bots/{bot.pk}/tokens/{session.pk}")
    assert {AccessChanged(user_id=bot.pk), AccessEnded(bot.pk)} <= set(told)


def test_bots_and_tokens_are_bounded(api_as, anna):
    for number in range(BOTS_PER_OWNER):
        bot = make_bot(anna, f"bot{number}")
    assert is_error(api_as(anna).post("/api/bots", {"username": "one.more"}), 400)
    for _ in range(TOKENS_PER_BOT):
        token_of(bot)
    assert is_error(api_as(anna).post(f"/api/bots/{bot.pk}/tokens", {"name": "x", "scopes": ["voice"]}), 400)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_pass_no_bound(api_as):
    owner = make_user()
    bots = [lambda n=n: api_as(owner).post("/api/bots", {"username": f"race{n}"}) for n in range(BOTS_PER_OWNER + 5)]
    assert statuses(bots) == {201: BOTS_PER_OWNER, 400: 5}
    path = f"/api/bots/{owner.bots.first().pk}/tokens"
    tokens = [lambda: api_as(owner).post(path, {"name": "x", "scopes": ["voice"]}) for _ in range(TOKENS_PER_BOT + 5)]
    assert statuses(tokens) == {201: TOKENS_PER_BOT, 400: 5}


@pytest.mark.django_db(transaction=True)
def test_a_token_made_while_its_owner_is_blocked_or_deleted_is_good_for_nothing(api_as):
    for end in (lambda who: user_block(user=who, by=None, reason=None), lambda who: user_delete(user=who)):
        owner = make_user()
        bot = make_bot(owner, f"bot{owner.pk}")
        made: list[str] = []

        def make(bot=bot, made=made) -> None:
            with suppress(DomainError):
                made.append(token_of(bot, "servers.read"))

        at_once(make, lambda end=end, owner=owner: end(owner), make)
        for token in made:
            assert is_error(api_as(token=token).get("/api/servers"), 401)
