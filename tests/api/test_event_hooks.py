"""Event hooks: what happens on a server is pushed, signed, in order, at least once, to whoever its maker named."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.services import user_block
from audit.models import AuditEntry
from events import sequencer
from events.log import span
from events.models import Log
from events.services import announce
from integrations.models import Delivery, EventHook
from integrations.push import deliveries
from integrations.push.client import Answer
from integrations.push.signing import signature
from integrations.services.event_hooks import HOOKS_PER_SERVER, PINGS_PER_HOOK, event_hook_create
from servers.access import access_server
from servers.models import Channel, Overwrite, Server
from servers.permissions import Permission
from servers.services.servers import server_block
from tests.api.receivers import Receiver, eventually, is_signed, pushing
from tests.api.test_races import at_once
from tests.api.world import is_error
from tests.conftest import ROOT
from tests.factories import make_channel, make_member, make_server, make_user

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ["message-deleted", "role-deleted"]


@pytest.fixture(autouse=True)
def log(transactional_db: None) -> None:
    """Its one row comes with the migrations, which tests that commit sweep away."""
    Log.objects.get_or_create()


@pytest.fixture(autouse=True)
def nearby(settings) -> None:
    settings.EVENT_HOOKS_ALLOW_PRIVATE = True


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def server() -> Server:
    return make_server()


def make_hook(server: Server, url: str, maker: User | None = None, kinds: list[str] = KINDS) -> EventHook:
    return event_hook_create(access=access_server(maker or server.owner, server.pk), url=url, kinds=kinds)


def happen(server: Server, *numbers: int, channel: Channel | None = None) -> None:
    """Roles, or with a channel messages, with these ids are deleted."""
    for number in numbers:
        if channel is None:
            announce("role-deleted", server_id=server.pk, payload={"roleId": number})
        else:
            ids = {"server_id": server.pk, "channel_id": channel.pk, "subject_id": number}
            announce("message-deleted", **ids, payload={"messageId": number})
    while sequencer.drain():
        pass


def told(receiver: Receiver) -> list[int]:
    return [event.get("roleId") or event["messageId"] for event in receiver.events]


# Managing them


def test_a_hook_is_made_shown_changed_and_deleted(api_as, server):
    api, path = api_as(server.owner), f"/api/servers/{server.pk}/event-hooks"
    made = api.post(path, {"url": "https://example.com/in", "kinds": ["role-deleted", "message-created", "role-deleted"]})
    assert made.status_code == 201
    hook = made.json()
    secret = hook.pop("secret")
    assert len(secret) > 40
    assert hook.items() >= {"kinds": ["message-created", "role-deleted"], "isEnabled": True, "failures": 0}.items()
    one = f"/api/event-hooks/{hook['id']}"
    assert api.get(path).json() == [hook]
    assert api.get(one).json() == hook
    changed = api.put(one, {"kinds": ["member-joined"], "isEnabled": False}).json()
    assert (changed["kinds"], changed["isEnabled"]) == (["member-joined"], False)
    assert changed["disabledReason"] == f"By {server.owner.username}"
    assert api.put(one, {"isEnabled": True}).json()["disabledReason"] is None
    assert api.get(f"{one}/deliveries").json() == []
    assert api.delete(one, {"reason": "moved"}).status_code == 204
    assert is_error(api.get(one), 404)
    actions = AuditEntry.objects.filter(log=f"server:{server.pk}").order_by("sequence")
    assert [entry.action for entry in actions] == [
        "event-hook.create",
        "event-hook.update",
        "event-hook.update",
        "event-hook.delete",
    ]
    assert secret not in str(list(actions.values()))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"url": "https://example.com/"},
        {"kinds": ["role-deleted"]},
        {"url": "ftp://example.com/", "kinds": ["role-deleted"]},
        {"url": "https://a:b@example.com/", "kinds": ["role-deleted"]},
        {"url": "https://example.com/", "kinds": []},
        {"url": "https://example.com/", "kinds": ["read-state"]},
        {"url": "https://example.com/", "kinds": ["access"]},
        {"url": "https://example.com/", "kinds": "role-deleted"},
        {"url": "https://example.com/\0", "kinds": ["role-deleted"]},
    ],
)
def test_a_hook_that_makes_no_sense_is_refused(api_as, server, wrong):
    assert is_error(api_as(server.owner).post(f"/api/servers/{server.pk}/event-hooks", wrong), 400)
    assert not EventHook.objects.exists()


def test_only_who_manages_webhooks_reaches_them(api_as, server):
    hook = make_hook(server, "https://example.com/")
    manager = make_member(server, permissions=int(Permission.MANAGE_WEBHOOKS)).user
    one = f"/api/event-hooks/{hook.pk}"
    for who, allowed in ((make_member(server).user, False), (make_user(), False), (manager, True)):
        api = api_as(who)
        for method, path, body, good in (
            ("get", f"/api/servers/{server.pk}/event-hooks", None, 200),
            ("post", f"/api/servers/{server.pk}/event-hooks", {"url": "https://example.com/", "kinds": KINDS}, 201),
            ("get", one, None, 200),
            ("get", f"{one}/deliveries", None, 200),
            ("put", one, {"kinds": KINDS}, 200),
            ("delete", one, None, 204),
        ):
            answer = getattr(api, method)(path, body)
            assert answer.status_code == good if allowed else is_error(answer, 403), (method, path)
    for method, path in (("get", one), ("put", one), ("delete", one), ("post", f"{one}/ping"), ("get", f"{one}/deliveries")):
        assert is_error(getattr(api_as(manager), method)(path), 404)


def test_hooks_of_a_server_are_bounded_also_at_once(api_as, server):
    body = {"url": "https://example.com/", "kinds": KINDS}
    makers = [lambda: api_as(server.owner).post(f"/api/servers/{server.pk}/event-hooks", body)] * (HOOKS_PER_SERVER + 3)
    assert sorted(at_once(*makers)) == [201] * HOOKS_PER_SERVER + [400] * 3


def test_a_ping_is_signed_and_its_outcome_told(api_as, server, receiver):
    hook, api = make_hook(server, receiver.url), api_as(server.owner)
    answer = api.post(f"/api/event-hooks/{hook.pk}/ping")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["error"]) == (200, None)
    [(path, headers, body)] = receiver.requests
    assert path == "/events?from=us"
    assert is_signed(hook.secret, headers["X-ProjectVoice-Signature"], body, time.time())
    assert receiver.bodies == [{"hookId": hook.pk, "serverId": server.pk, "events": []}]
    receiver.manners = [500]
    assert api.post(f"/api/event-hooks/{hook.pk}/ping").json()["status"] == 500
    seen = api.get(f"/api/event-hooks/{hook.pk}/deliveries").json()
    assert [(one["status"], one["events"], one["firstSeq"]) for one in seen] == [(500, 0, None), (200, 0, None)]
    assert api.get(f"/api/event-hooks/{hook.pk}").json()["failures"] == 0


def test_pings_are_bounded_in_time(api_as, server, receiver, settings):
    settings.RATE_LIMITS = True
    hook, api = make_hook(server, receiver.url), api_as(server.owner)
    answers = [api.post(f"/api/event-hooks/{hook.pk}/ping").status_code for _ in range(PINGS_PER_HOOK.most + 1)]
    assert answers == [200] * PINGS_PER_HOOK.most + [429]


# What arrives


def test_what_happens_arrives_signed_and_in_order(server, receiver):
    happen(server, 1)  # before there was a hook
    hook = make_hook(server, receiver.url)
    with pushing():
        happen(server, 2, 3)
        receiver.until(lambda it: len(it.events) == 2)
        happen(server, 4)
        receiver.until(lambda it: len(it.events) == 3)
    assert told(receiver) == [2, 3, 4]
    assert [event["seq"] for event in receiver.events] == sorted(event["seq"] for event in receiver.events)
    assert receiver.events[0].items() >= {"kind": "role-deleted", "roleId": 2, "channelId": None}.items()
    assert all(body["hookId"] == hook.pk and body["serverId"] == server.pk for body in receiver.bodies)
    for _, headers, body in receiver.requests:
        assert headers["Content-Type"] == "application/json"
        assert is_signed(hook.secret, headers["X-ProjectVoice-Signature"], body, time.time())
        assert not is_signed(hook.secret, headers["X-ProjectVoice-Signature"], body + b" ", time.time())
        assert not is_signed("other", headers["X-ProjectVoice-Signature"], body, time.time())
        assert not is_signed(hook.secret, headers["X-ProjectVoice-Signature"], body, time.time() + 3600)


def test_many_events_arrive_whole_in_bounded_batches(server, receiver):
    make_hook(server, receiver.url)
    numbers = list(range(1, 2 * deliveries.AT_ONCE + 8))
    happen(server, *numbers)
    with pushing():
        receiver.until(lambda it: len(it.events) >= len(numbers))
    assert told(receiver) == numbers
    assert max(len(body["events"]) for body in receiver.bodies) == deliveries.AT_ONCE


def test_what_lies_between_others_events_is_found(server, receiver, monkeypatch):
    """However little of the log is looked at in one go."""
    monkeypatch.setattr(deliveries, "LOOKED_AT", 3)
    make_hook(server, receiver.url, kinds=["message-deleted"])
    channel = make_channel(server, type="text")
    for number in range(1, 6):
        happen(server, *range(100, 107))
        happen(server, number, channel=channel)
    with pushing():
        receiver.until(lambda it: len(it.events) == 5)
    assert told(receiver) == [1, 2, 3, 4, 5]


def test_only_its_server_and_the_kinds_it_asked_for(server, receiver):
    other, channel = make_server(), make_channel(server, type="text")
    make_hook(server, receiver.url, kinds=["message-deleted"])
    happen(other, 1)
    happen(server, 2)
    happen(other, 3, channel=make_channel(other, type="text"))
    happen(server, 4, channel=channel)
    announce(
        "read-state", user_id=server.owner.pk, payload={"channelId": channel.pk, "lastReadId": 4, "unread": 0, "mentions": 0}
    )
    with pushing():
        happen(server, 5, channel=channel)
        receiver.until(lambda it: 5 in told(it))
    assert told(receiver) == [4, 5]


def test_only_what_its_maker_sees_at_that_moment(server, receiver):
    maker = make_member(server, permissions=int(Permission.MANAGE_WEBHOOKS))
    public, secret = make_channel(server, type="text"), make_channel(server, type="text")
    shut = Overwrite.objects.create(channel=secret, member=maker, deny=Permission.VIEW_CHANNEL)
    make_hook(server, receiver.url, maker.user)
    with pushing():
        happen(server, 1, channel=secret)
        happen(server, 2, channel=public)
        receiver.until(lambda it: told(it) == [2])
        shut.delete()
        happen(server, 3, channel=secret)
        receiver.until(lambda it: told(it) == [2, 3])
        Overwrite.objects.create(channel=public, member=maker, deny=Permission.READ_MESSAGE_HISTORY)
        happen(server, 4, channel=public)
        happen(server, 5)
        receiver.until(lambda it: len(it.events) == 3)
    assert told(receiver) == [2, 3, 5]


def test_a_message_arrives_as_rest_shows_it(api_as, server, receiver):
    channel = make_channel(server, type="text")
    make_hook(server, receiver.url, kinds=["message-created", "member-joined"])
    message = api_as(server.owner).post("/api/messages", {"channelId": channel.pk, "content": "hello"}).json()
    newcomer = make_member(server)
    happen(server)
    with pushing():
        receiver.until(lambda it: len(it.events) == 2)
    wrote, joined = receiver.events
    assert (wrote["kind"], wrote["channelId"], wrote["message"]) == ("message-created", channel.pk, message)
    assert (joined["kind"], joined["member"]["userId"]) == ("member-joined", newcomer.user_id)


@pytest.mark.parametrize("end", ["roles", "kick", "block"])
def test_a_hook_whose_maker_lost_his_rights_is_off_and_says_so(api_as, server, receiver, end):
    maker = make_member(server, permissions=int(Permission.MANAGE_WEBHOOKS))
    hook = make_hook(server, receiver.url, maker.user)
    {"roles": maker.roles.clear, "kick": maker.delete, "block": lambda: user_block(user=maker.user, by=None, reason=None)}[
        end
    ]()
    with pushing():
        happen(server, 1)
        eventually(lambda: EventHook.objects.get(pk=hook.pk).disabled_at)
    assert api_as(server.owner).get(f"/api/event-hooks/{hook.pk}").json()["disabledReason"] == deliveries.MAKER_LEFT
    assert receiver.requests == []


def test_a_blocked_server_tells_nothing_until_it_is_open_again(server, receiver):
    hook = make_hook(server, receiver.url)
    happen(server, 1)
    server_block(server=server, by=None, reason="spam")
    assert deliveries.take(hook.pk) is None
    Server.objects.update(is_blocked=False)
    with pushing():
        receiver.until(lambda it: told(it) == [1])
    assert EventHook.objects.get(pk=hook.pk).disabled_at is None


def test_the_page_tells_receivers_how_to_know_us(server):
    """Its Python and its JavaScript, where node is there, accept what is ours and nothing else."""
    page = (ROOT / "docs/protocols/bots.md").read_text()
    names: dict = {}
    exec(next(block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "is_ours" in block), names)
    body, now = '{"events": "Ж"}'.encode(), int(time.time())
    good, old = signature("secret", now, body), signature("secret", now - 3600, body)
    asked = [("secret", good, body), ("other", good, body), ("secret", good, body + b" "), ("secret", old, body)]
    answers = [True, False, False, False]
    assert [names["is_ours"](*one) for one in asked] == answers
    node = shutil.which("node")
    if node is None:
        return
    [script] = re.findall(r"```js\n(.*?)```", page, re.DOTALL)
    given = [[secret, header, body.hex()] for secret, header, body in asked]
    script += f'const given = {json.dumps(given)};\nconsole.log(JSON.stringify(given.map(([s, h, b]) => isOurs(s, h, Buffer.from(b, "hex")))));'
    done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == answers


# When the receiver is not well


def test_what_failed_is_sent_again_until_it_arrives_and_nothing_overtakes_it(server, receiver):
    make_hook(server, receiver.url)
    receiver.manners = [500, receiver.close, 302]
    happen(server, 1)
    with pushing():
        receiver.until(lambda it: len(it.requests) == 1)
        happen(server, 2)
        receiver.until(lambda it: len(it.requests) >= 4 and 2 in told(it))
    heard = told(receiver)
    assert list(dict.fromkeys(heard)) == [1, 2]
    assert heard.count(1) == 4
    assert {path for path, _, _ in receiver.requests} == {"/events?from=us"}  # no redirect is followed
    outcomes = list(Delivery.objects.order_by("pk").values_list("status", flat=True))[:3]
    assert outcomes == [500, None, 302]


def test_a_receiver_that_is_down_gets_it_all_when_it_is_back(server, receiver):
    hook = make_hook(server, receiver.url)
    receiver.stop()
    with pushing():
        happen(server, 1, 2)
        eventually(lambda: Delivery.objects.filter(status=None).exists())
        assert "Refused" in Delivery.objects.latest("pk").error
        happen(server, 3)
        receiver.start()
        receiver.until(lambda it: len(it.events) >= 3)
        eventually(lambda: EventHook.objects.get(pk=hook.pk).failures == 0)
    assert told(receiver) == [1, 2, 3]


def test_one_that_hangs_holds_up_nobody_else(server, receiver):
    other = Receiver()
    try:
        receiver.manners = [receiver.hang] * 10
        make_hook(server, receiver.url)
        make_hook(server, other.url)
        with pushing():
            happen(server, 1)
            receiver.until(lambda it: len(it.requests) == 1)
            happen(server, 2)
            other.until(lambda it: told(it) == [1, 2])
            assert len(receiver.requests) == 1
    finally:
        other.stop()


def test_an_answer_without_an_end_is_an_answer(server, receiver):
    hook = make_hook(server, receiver.url)
    receiver.manners = [receiver.babble]
    with pushing():
        happen(server, 1)
        eventually(lambda: hook.deliveries.exists())
        happen(server, 2)
        receiver.until(lambda it: told(it) == [1, 2])
    assert set(hook.deliveries.values_list("status", flat=True)) == {200}


def test_gone_is_gone_at_once(api_as, server, receiver):
    hook, api = make_hook(server, receiver.url), api_as(server.owner)
    receiver.manners = [410]
    with pushing():
        happen(server, 1)
        eventually(lambda: EventHook.objects.get(pk=hook.pk).disabled_at)
        assert "410" in api.get(f"/api/event-hooks/{hook.pk}").json()["disabledReason"]
        happen(server, 2)
        assert api.put(f"/api/event-hooks/{hook.pk}", {"isEnabled": True}).json()["isEnabled"] is True
        happen(server, 3)
        receiver.until(lambda it: 3 in told(it))
    assert told(receiver) == [1, 3]  # from the moment in which it was enabled again


def test_after_a_day_of_failures_it_is_off_and_says_why(server):
    hook = make_hook(server, "https://example.com/")
    happen(server, 1)
    parcel = deliveries.take(hook.pk)
    failed = Answer(502, None, 12)
    deliveries.settle(parcel, failed)
    hook.refresh_from_db()
    assert (hook.failures, hook.disabled_at) == (1, None)
    assert hook.next_at > timezone.now() - timedelta(seconds=1)
    EventHook.objects.update(failing_since=timezone.now() - deliveries.GIVEN_UP_AFTER)
    deliveries.settle(parcel, failed)
    hook.refresh_from_db()
    assert hook.disabled_reason == "No success for 24 hours; last: HTTP 502"
    assert deliveries.take(hook.pk) is None
    assert deliveries.due([], 100) == []


def test_pauses_grow_and_are_not_all_alike():
    for failures, least, most in ((1, 0.5, 1), (2, 1, 2), (5, 8, 16), (100, 1800, 3600)):
        pauses = {deliveries.pause(failures) for _ in range(20)}
        assert all(least <= pause <= most for pause in pauses)
        assert len(pauses) > 1


def test_of_its_attempts_the_last_are_kept(server):
    hook, other = make_hook(server, "https://example.com/"), make_hook(server, "https://example.com/")
    deliveries.settle(deliveries.parcel(other, [], 0), Answer(200, None, 1))
    for number in range(deliveries.KEPT + 5):
        deliveries.settle(deliveries.parcel(hook, [], 0), Answer(None, f"number {number}", 1))
    kept = list(hook.deliveries.order_by("pk").values_list("error", flat=True))
    assert kept == [f"number {number}" for number in range(5, deliveries.KEPT + 5)]
    assert other.deliveries.count() == 1


def test_a_hook_that_is_deleted_while_it_is_told_leaves_nothing(api_as, server, receiver):
    hook = make_hook(server, receiver.url)
    with pushing():

        def delete(handler) -> None:
            try:
                assert api_as(server.owner).delete(f"/api/event-hooks/{hook.pk}").status_code == 204
            finally:
                connection.close()
            handler.send_response(200)
            handler.end_headers()
            receiver.released.set()

        receiver.manners = [delete]
        happen(server, 1)
        assert receiver.released.wait(60)
        other = make_hook(server, receiver.url)
        happen(server, 2)
        receiver.until(lambda it: 2 in told(it))
    assert list(EventHook.objects.all()) == [other]
    assert not Delivery.objects.exclude(hook=other).exists()


# Restarts


def test_it_goes_on_where_it_was_after_a_restart(server, receiver):
    make_hook(server, receiver.url)
    for number in (1, 2, 3):
        happen(server, number)
        with pushing():
            receiver.until(lambda it, number=number: number in told(it))
            eventually(lambda: EventHook.objects.get().cursor == span().head)
    assert told(receiver) == [1, 2, 3]


def test_of_two_pushers_one_works_and_the_other_stands_by(server, receiver, monkeypatch):
    monkeypatch.setattr("integrations.push.pusher.AGAIN_AFTER", 0.1)
    make_hook(server, receiver.url)
    with pushing():
        with pushing():
            happen(server, 1, 2)
            receiver.until(lambda it: len(it.events) == 2)
            eventually(lambda: EventHook.objects.get().cursor == span().head)  # what is not written down is told again
        happen(server, 3)
        receiver.until(lambda it: 3 in told(it))
    assert told(receiver) == [1, 2, 3]


def test_whoever_lost_his_connection_lost_the_lock(server):
    leader = deliveries.lead()
    assert deliveries.wake(leader, 0) == span().head
    connection.close()
    with pytest.raises(deliveries.LockLost):
        deliveries.wake(leader, 0)


def test_what_was_told_before_it_was_written_down_is_told_again(server, receiver):
    """Killed between the request and the cursor, the process loses nothing: at least once."""
    make_hook(server, receiver.url)
    happen(server, 1, 2)

    def begin() -> "subprocess.Popen[bytes]":
        url = urlsplit(os.environ["DATABASE_URL"])
        here = url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        env = {**os.environ, "DATABASE_URL": here, "EVENT_HOOKS_ALLOW_PRIVATE": "on"}
        return subprocess.Popen([sys.executable, "manage.py", "push_events"], cwd=ROOT, env=env)

    processes: list[subprocess.Popen[bytes]] = []
    receiver.manners = [lambda handler: processes[0].kill()]
    processes.append(begin())
    try:
        receiver.until(lambda it: len(it.requests) == 1)
        assert processes[0].wait(60) == -signal.SIGKILL
        happen(server, 3)
        processes.append(begin())
        receiver.until(lambda it: 3 in told(it))
        processes[1].terminate()
        assert processes[1].wait(60) == 0
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert told(receiver)[:4] == [1, 2, 1, 2]
    assert list(dict.fromkeys(told(receiver))) == [1, 2, 3]
    assert told(receiver).count(3) == 1


# Whom it may call


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "224.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "nowhere.invalid",
    ],
)
def test_no_address_of_a_closed_network_is_called_nor_told_apart_from_none(api_as, server, receiver, settings, host):
    settings.EVENT_HOOKS_ALLOW_PRIVATE = False
    hook = make_hook(server, f"http://{host}:{receiver.port}/")
    answer = api_as(server.owner).post(f"/api/event-hooks/{hook.pk}/ping").json()
    assert (answer["status"], answer["error"]) == (None, "The host has no address that may be called")
    assert receiver.requests == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[::ffff:127.0.0.1]"])
def test_some_stay_shut_where_closed_networks_are_open(api_as, server, receiver, host):
    hook = make_hook(server, f"http://{host}:{receiver.port}/")
    answer = api_as(server.owner).post(f"/api/event-hooks/{hook.pk}/ping").json()
    assert answer["error"] == "The host has no address that may be called"


def test_https_to_who_cannot_prove_himself_is_refused(api_as, server, receiver):
    hook = make_hook(server, receiver.url.replace("http:", "https:"))
    answer = api_as(server.owner).post(f"/api/event-hooks/{hook.pk}/ping").json()
    assert answer["status"] is None
    assert answer["error"].startswith("TLS: ")
    assert receiver.requests == []
