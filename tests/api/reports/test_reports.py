"""`/api/reports`: what is kept, who reads what, and the appeal."""

import secrets
from dataclasses import replace

import pytest

from accounts.services import user_delete
from messaging.access import enter
from messaging.services import message_remove, message_update
from moderation.api import reports as endpoint
from moderation.models import Report
from moderation.services import reports as services
from projectvoice.kernel.serializers import iso
from servers.services.servers import server_delete
from tests.api.reports.conftest import NUISANCE, QUEUE, REPORTS
from tests.api.world import is_error
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db
UNKNOWN = 2**40


def test_a_report_answers_what_was_said_and_keeps_what_was_seen(scene):
    message_update(entry=enter(scene.author, scene.channel.pk), message=scene.message, content="buy my herbs")
    report = scene.report()
    assert report == {
        "id": report["id"],
        "targetType": "message",
        "targetId": scene.message.pk,
        "category": "spam",
        "reason": "unasked for",
        "status": "open",
        "decision": None,
        "decisionReason": None,
        "decidedAt": None,
        "createdAt": report["createdAt"],
    }
    scene.message.refresh_from_db()
    evidence = scene.evidence(report)
    assert evidence == {
        "user": None,
        "message": {
            "id": scene.message.pk,
            "content": "buy my herbs",
            "author": {"id": scene.author.pk, "username": "mallory"},
            "channelId": scene.channel.pk,
            "channelName": "general",
            "serverId": scene.server.pk,
            "serverName": "Club",
            "createdAt": iso(scene.message.created_at),
            "editedAt": iso(scene.message.updated_at),
            "revisions": [
                {
                    "content": NUISANCE,
                    "editedBy": scene.author.pk,
                    "createdAt": evidence["message"]["revisions"][0]["createdAt"],
                }
            ],
            "context": [],
        },
    }


def test_five_messages_before_and_ten_revisions_are_kept(scene):
    for number in range(7):
        scene.says(f"before {number}", scene.reporter)
    scene.message = scene.says("text 0")
    for number in range(1, 13):
        message_update(entry=enter(scene.author, scene.channel.pk), message=scene.message, content=f"text {number}")
    scene.says("after")
    message = scene.evidence(scene.report())["message"]
    assert [(said["content"], said["author"]["username"]) for said in message["context"]] == [
        (f"before {number}", "reporter-zoe") for number in range(2, 7)
    ]
    assert [revision["content"] for revision in message["revisions"]] == [f"text {number}" for number in range(11, 1, -1)]


def test_a_user_is_reported_as_he_shows_himself(scene, api_as):
    api_as(scene.author).put("/api/users", {"bio": "pills!", "profilePicture": "https://example.com/p.png"})
    report = scene.report(targetType="user", targetId=scene.author.pk, category="harassment")
    assert scene.evidence(report) == {
        "message": None,
        "user": {
            "id": scene.author.pk,
            "username": "mallory",
            "tag": scene.author.tag,
            "bio": "pills!",
            "profilePicture": "https://example.com/p.png",
        },
    }


def test_evidence_outlives_message_user_and_server(scene, api_as):
    about_message, about_user = scene.report(), scene.report(targetType="user", targetId=scene.author.pk)
    before = [scene.evidence(report) for report in (about_message, about_user)]
    message_remove(message=scene.message)
    user_delete(user=scene.author)
    server_delete(server=scene.server)
    user_delete(user=scene.reporter)
    assert [scene.evidence(report) for report in (about_message, about_user)] == before
    row = api_as(scene.moderator).get(f"{QUEUE}/{about_message['id']}").json()
    assert (row["reporter"], row["accused"]) == (None, None)
    assert scene.decide(about_message, "warn").status_code == 200
    assert is_error(scene.decide(about_user, "block_user", scene.admin), 400)
    assert scene.decide(about_user, "dismiss").status_code == 200


def test_only_who_may_read_a_message_reports_it(scene, api_as):
    body = {"targetType": "message", "targetId": scene.message.pk, "reason": 7}
    assert is_error(api_as().post(REPORTS, body), 401)
    assert is_error(api_as(scene.reporter).post(REPORTS, {**body, "targetId": UNKNOWN}), 404)
    assert is_error(api_as(scene.reporter).post(REPORTS, {**body, "targetType": "user", "targetId": UNKNOWN}), 404)
    stranger = make_user()
    assert is_error(api_as(stranger).post(REPORTS, body), 403)
    assert is_error(api_as(scene.reporter).post(REPORTS, body), 400)
    assert not Report.objects.exists()
    make_member(scene.server, user=stranger)
    assert scene.report(by=stranger)["category"] == "spam"
    assert api_as(stranger).post(f"{REPORTS}/", {**body, "targetType": "user", "targetId": scene.author.pk}).status_code == 400


@pytest.mark.parametrize("target", ["message", "user"])
def test_nobody_reports_himself(scene, api_as, target):
    target_id = scene.message.pk if target == "message" else scene.author.pk
    body = {"targetType": target, "targetId": target_id, "reason": "mine"}
    assert is_error(api_as(scene.author).post(REPORTS, body), 400)
    assert not Report.objects.exists()
    other = api_as(scene.reporter).post(REPORTS, body)
    assert (other.status_code, other.json()["category"]) == (201, "other")


@pytest.mark.parametrize(
    "change",
    [
        *({"targetType": value} for value in ("server", "", None, 7, ["user"], {"a": 1}, "Message")),
        *({"targetId": value} for value in (0, -1, "1", 1.5, True, None, 2**63, 10**30, [1])),
        *({"category": value} for value in ("rude", "", None, 7, ["spam"])),
        *({"reason": value} for value in ("", "no", "   no   ", "x" * 501, None, 7, ["spam"], "a\0bc")),
    ],
)
def test_bad_input_is_a_400_and_leaves_nothing(scene, api_as, change):
    body = {"targetType": "user", "targetId": scene.author.pk, "category": "spam", "reason": "unasked for"}
    assert is_error(api_as(scene.reporter).post(REPORTS, {**body, **change}), 400)
    assert not Report.objects.exists()
    assert api_as(scene.reporter).post(REPORTS, {**body, "unknown": change}).status_code == 201


@pytest.mark.parametrize("body", ["", "[]", "7", '"x"', "{", '{"targetType": "user", "targetId": 1, "reason": "\\ud800"}'])
def test_a_body_that_is_no_report_is_a_400(scene, api_as, body):
    assert is_error(api_as(scene.reporter).post(REPORTS, body, content_type="application/json"), 400)


def test_one_open_report_of_a_thing_by_a_person(scene, api_as):
    first = scene.report()
    body = {"targetType": "message", "targetId": scene.message.pk, "reason": "again"}
    assert is_error(api_as(scene.reporter).post(REPORTS, body), 400)
    scene.report(by=scene.server.owner)
    scene.report(targetType="user", targetId=scene.author.pk)
    scene.decide(first, "dismiss")
    scene.report()
    assert Report.objects.count() == 4


def test_somebody_who_reports_all_day_is_slowed_down(scene, api_as, settings, monkeypatch):
    settings.RATE_LIMITS = True
    monkeypatch.setattr(endpoint, "REPORTS_PER_USER", replace(services.REPORTS_PER_USER, most=2, name=secrets.token_hex(4)))
    body = {"targetType": "user", "targetId": scene.author.pk, "reason": "again"}
    assert [api_as(scene.reporter).post(REPORTS, body).status_code for _ in range(3)] == [201, 400, 429]
    assert api_as(scene.server.owner).post(REPORTS, body).status_code == 201


def test_reporters_read_their_own_and_what_came_of_it(scene, api_as, django_assert_num_queries):
    report, other = scene.report(), scene.report(by=scene.server.owner)
    api = api_as(scene.reporter)
    assert scene.decide(report, "delete_message", reason="no pills here").status_code == 200
    with django_assert_num_queries(3):  # token, count, rows
        page = api.get(REPORTS).json()
    row = page["reports"][0]
    assert page == {"reports": [row], "total": 1, "page": 1, "limit": 20, "totalPages": 1}
    assert (row["status"], row["decision"], row["decisionReason"]) == ("actioned", "delete_message", "no pills here")
    assert row["decidedAt"] >= row["createdAt"]
    assert api.get(f"{REPORTS}/{report['id']}").json() == row
    assert set(row) == set(report), "neither evidence nor who decided"
    for id in (other["id"], UNKNOWN):
        assert is_error(api.get(f"{REPORTS}/{id}"), 404)
    for path in (REPORTS, f"{REPORTS}/{report['id']}", f"{REPORTS}/against-me"):
        assert is_error(api_as().get(path), 401)
    for id in range(25):
        scene.report(targetType="user", targetId=make_user(username=f"other-{id}").pk)
    with django_assert_num_queries(3):
        assert len(api.get(REPORTS, {"limit": 100}).json()["reports"]) == 26
    assert is_error(api.get(REPORTS, {"page": "x"}), 400)


def test_the_accused_reads_the_reason_and_never_the_reporter(scene, api_as):
    mine = f"{REPORTS}/against-me"
    api, report = api_as(scene.author), scene.report()
    assert api.get(mine).json()["reports"] == []
    scene.decide(report, "warn", reason="no pills here")
    about_me = scene.report(targetType="user", targetId=scene.author.pk, category="illegal")
    scene.decide(about_me, "warn", reason="nor anywhere")
    dismissed = scene.report(by=scene.server.owner)
    scene.decide(dismissed, "dismiss")
    answer = api.get(mine)
    page = answer.json()
    rows = page.pop("reports")
    assert page == {"total": 2, "page": 1, "limit": 20, "totalPages": 1}
    assert [(row["id"], row["message"]) for row in rows[:1]] == [(about_me["id"], None)]
    assert rows[1] == {
        "id": report["id"],
        "targetType": "message",
        "targetId": scene.message.pk,
        "category": "spam",
        "status": "actioned",
        "decision": "warn",
        "decisionReason": "no pills here",
        "decidedAt": rows[1]["decidedAt"],
        "appeal": None,
        "appealedAt": None,
        "message": {
            "id": scene.message.pk,
            "content": NUISANCE,
            "channelId": scene.channel.pk,
            "channelName": "general",
            "serverId": scene.server.pk,
            "serverName": "Club",
            "createdAt": iso(scene.message.created_at),
            "editedAt": None,
        },
    }
    assert "zoe" not in answer.content.decode()
    assert "unasked" not in answer.content.decode()
    assert api_as(scene.reporter).get(mine).json()["reports"] == []


def test_one_appeal_by_the_accused(scene, api_as):
    report = scene.report()
    url = f"{REPORTS}/{report['id']}/appeal"
    assert is_error(api_as().post(url, {"text": "not me"}), 401)
    assert is_error(api_as(scene.author).post(url, {"text": "not me"}), 404)  # he does not know yet
    scene.decide(report, "warn")
    for user in (scene.reporter, scene.moderator, scene.admin, make_user()):
        assert is_error(api_as(user).post(url, {"text": "not me"}), 404)
    for text in ("", "no", None, 7, "x" * 1001, "a\0bc"):
        assert is_error(api_as(scene.author).post(url, {"text": text}), 400)
    row = api_as(scene.author).post(url, {"text": "not me"}).json()
    assert (row["status"], row["appeal"], row["decision"]) == ("appealed", "not me", "warn")
    assert is_error(api_as(scene.author).post(url, {"text": "really not"}), 400)
    queue = api_as(scene.moderator).get(QUEUE, {"status": "appealed"}).json()["reports"]
    assert [(entry["id"], entry["appeal"]) for entry in queue] == [(report["id"], "not me")]
    assert scene.decide(report, "dismiss", reason="you are right").status_code == 200
    seen = api_as(scene.author).get(f"{REPORTS}/against-me").json()["reports"][0]
    assert (seen["status"], seen["decisionReason"], seen["appeal"]) == ("dismissed", "you are right", "not me")
    assert is_error(api_as(scene.author).post(url, {"text": "really not"}), 400)
    assert is_error(api_as(scene.author).post(f"{REPORTS}/{UNKNOWN}/appeal", {"text": "not me"}), 404)


def test_a_dismissed_report_is_never_heard_of(scene, api_as):
    report = scene.decided("dismiss")
    assert api_as(scene.author).get(f"{REPORTS}/against-me").json()["total"] == 0
    assert is_error(api_as(scene.author).post(f"{REPORTS}/{report['id']}/appeal", {"text": "not me"}), 404)
