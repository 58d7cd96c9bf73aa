"""Voice sessions: who may read which, and how they are written, bounded and forgotten."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import GlobalRole
from servers.permissions import Permission
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_server, make_user
from timelines.models import Recorder, VoiceMoment, VoiceSession
from timelines.recording import Moment, Session
from timelines.services import Page, sessions_end_of_lost, sessions_keep, sessions_prune

pytestmark = pytest.mark.django_db
NOW = 1_700_000_000.0


def written(user, server_id=1, channel_id=5, *, moments=(), ended=None, recorder=None, at=NOW):
    session = Session(uuid4(), user.pk, server_id, channel_id, "projectvoice", "0.socket", at)
    sessions_keep(recorder or uuid4(), [Page(session, True, list(moments), 0, ended)])
    return VoiceSession.objects.get(pk=session.id)


def path(session):
    return f"/api/voice/sessions/{session.pk if isinstance(session, VoiceSession) else session}/timeline"


def test_one_reads_ones_own_and_what_it_says_of_others(api_as):
    alice, bob = make_user(), make_user()
    moments = [Moment(NOW + 2, "peer-joined", "0.b", bob.pk, {}), Moment(NOW + 1, "joined", "", None, {"people": 1})]
    session = written(alice, moments=[*moments, Moment(NOW + 3, "peer-joined", "0.g", None, {})], ended=(NOW + 9, "left"))
    answer = api_as(alice).get(path(session))
    assert answer.status_code == 200
    body = answer.json()
    assert body["session"] == {
        "id": str(session.pk),
        "user": {"id": alice.pk, "username": alice.username},
        "serverId": 1,
        "channelId": 5,
        "dialect": "projectvoice",
        "socketId": "0.socket",
        "startedAt": "2023-11-14T22:13:20.000Z",
        "endedAt": "2023-11-14T22:13:29.000Z",
        "reason": "left",
    }
    assert [(one["kind"], one["peer"]) for one in body["moments"]] == [
        ("joined", None),
        ("peer-joined", {"socketId": "0.b", "user": {"id": bob.pk, "username": bob.username}}),
        ("peer-joined", {"socketId": "0.g", "user": None}),
    ]
    listed = api_as(alice).get("/api/voice/sessions").json()
    assert (listed["total"], [one["id"] for one in listed["sessions"]]) == (1, [str(session.pk)])
    assert api_as(bob).get("/api/voice/sessions").json()["sessions"] == []


def test_the_doors(api_as):
    server = make_server()
    channel = make_channel(server, type="voice")
    alice = make_member(server).user
    session = written(alice, server.pk, channel.pk)
    watcher = make_member(server, permissions=Permission.VIEW_AUDIT_LOG).user
    plain, stranger, staff = make_member(server).user, make_user(), make_user(role=GlobalRole.MODERATOR)
    for may in (alice, watcher, staff):
        assert api_as(may).get(path(session)).status_code == 200
    for may_not in (plain, stranger):
        assert is_error(api_as(may_not).get(path(session)), 403)
    everybody = f"/api/voice/sessions?channelId={channel.pk}"
    for may in (watcher, staff):
        assert [one["id"] for one in api_as(may).get(everybody).json()["sessions"]] == [str(session.pk)]
    for may_not in (alice, stranger):
        assert is_error(api_as(may_not).get(everybody), 403)
    assert is_error(api_as().get(path(session)), 401)
    assert is_error(api_as(alice).get(path(uuid4())), 404)
    assert is_error(api_as(alice).get(path("7")), 404)
    assert is_error(api_as(alice).get("/api/voice/sessions?channelId=x"), 400)
    assert is_error(api_as(watcher).get("/api/voice/sessions?channelId=999999999"), 404)
    server.delete()
    assert api_as(alice).get(path(session)).status_code == 200
    assert is_error(api_as(watcher).get(path(session)), 403)


def test_reading_costs_the_same_however_much_there_is(api_as, django_assert_num_queries):
    alice = make_user()
    people = [make_user() for _ in range(5)]
    session = written(alice, moments=[Moment(NOW, "peer-joined", f"{one.pk}", one.pk, {}) for one in people])
    short = written(alice, moments=[Moment(NOW, "peer-joined", "x", people[0].pk, {})])
    api = api_as(alice)
    api.get(path(short))
    with django_assert_num_queries(4):
        api.get(path(short))
    with django_assert_num_queries(4):
        api.get(path(session))


def test_what_comes_later_is_added_and_one_that_cannot_be_written_is_dropped():
    """Its account is gone, or PostgreSQL takes no such text."""
    alice, gone = make_user(), make_user()
    recorder = uuid4()
    socket_of = [(alice, "s"), (gone, "s"), (alice, "\0"), (alice, "s" * 999)]
    sessions = [Session(uuid4(), user.pk, 1, 5, "zvonim", socket, NOW) for user, socket in socket_of]
    gone.delete()
    sessions_keep(recorder, [Page(one, True, [Moment(NOW, "joined", "", None, {"people": 1})], 0, None) for one in sessions])
    assert VoiceSession.objects.count() == VoiceMoment.objects.count() == 2
    later = Page(sessions[0], False, [Moment(NOW + 1, "peer-left", "x" * 999, 2**62, {})], 3, (NOW + 5, "left"))
    sessions_keep(recorder, [later])
    row = VoiceSession.objects.get(pk=sessions[0].id)
    assert (row.omitted, row.reason, row.moments.count()) == (3, "left", 2)
    assert VoiceSession.objects.get(pk=sessions[3].id).ended_at is None


def test_sessions_of_a_process_that_died_end_when_it_was_last_seen_unless_it_lives_after_all():
    alice, lost, alive = make_user(), uuid4(), uuid4()
    now = timezone.now()
    mine = written(alice, recorder=lost, at=now.timestamp() - 900)
    other = written(alice, recorder=alive, at=now.timestamp() - 900)
    stray = written(alice, recorder=UUID(int=5), at=now.timestamp() - 900)
    Recorder.objects.filter(pk=UUID(int=5)).delete()
    seen = now - timedelta(minutes=5)
    Recorder.objects.filter(pk=lost).update(seen_at=seen)
    assert sessions_end_of_lost() == 2
    for session in (mine, other, stray):
        session.refresh_from_db()
    assert (mine.reason, mine.ended_at) == ("server-lost", seen)
    assert (stray.reason, stray.ended_at) == ("server-lost", stray.started_at)
    assert other.reason is None
    sessions_keep(lost, [])
    mine.refresh_from_db()
    assert (mine.reason, mine.ended_at) == (None, None)


def test_old_sessions_go_with_their_moments(settings):
    settings.VOICE_TIMELINES_KEPT_DAYS = 3
    alice, day = make_user(), 86_400
    now = timezone.now().timestamp()
    written(alice, at=now - 4 * day, moments=[Moment(NOW, "joined", "", None, {})])
    kept = written(alice, at=now - 2 * day, moments=[Moment(NOW, "joined", "", None, {})])
    assert sessions_prune() == 1
    assert list(VoiceSession.objects.all()) == [kept]
    assert VoiceMoment.objects.count() == 1
