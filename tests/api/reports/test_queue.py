"""`/api/admin/reports`: who sees the queue, who decides what, and the entry that stays."""

import pytest

from accounts.models import User
from audit.models import AuditEntry
from audit.selectors import audit_fault
from messaging.models import Message
from messaging.services import message_remove
from moderation.errors import StaffOnly
from moderation.models import Report
from moderation.services import reports as services
from tests.api.reports.conftest import QUEUE
from tests.api.world import is_error
from tests.factories import make_user

pytestmark = pytest.mark.django_db
UNKNOWN = 2**40
DECISIONS = {"dismiss": "dismissed", "warn": "actioned", "delete_message": "actioned", "block_user": "actioned"}


def entries() -> list[tuple]:
    instance = AuditEntry.objects.filter(log="instance").order_by("sequence")  # servers have logs of their own
    return list(instance.values_list("action", "target_id", "before", "after", "reason"))


def test_staff_only(scene, api_as):
    report = scene.report()
    body = {"decision": "dismiss", "reason": "fine"}
    for path in (QUEUE, f"{QUEUE}/{report['id']}", f"{QUEUE}/{UNKNOWN}"):
        assert is_error(api_as().get(path), 401)
        assert is_error(api_as(scene.reporter).get(path), 403)
    for id in (report["id"], UNKNOWN):
        assert is_error(api_as().post(f"{QUEUE}/{id}/decide", body), 401)
        assert is_error(api_as(scene.reporter).post(f"{QUEUE}/{id}/decide", body), 403)
    for staff in (scene.moderator, scene.admin):
        api = api_as(staff)
        assert api.get(QUEUE).status_code == api.get(f"{QUEUE}/{report['id']}/").status_code == 200
        assert is_error(api.get(f"{QUEUE}/{UNKNOWN}"), 404)
        assert is_error(api.post(f"{QUEUE}/{UNKNOWN}/decide", {"decision": 7}), 404)
    assert api.post(f"{QUEUE}/{report['id']}/decide", body).status_code == 200


def test_the_queue_is_oldest_first_and_the_archive_newest_first(scene, api_as, django_assert_num_queries):
    users = [make_user() for _ in range(5)]
    ids = [scene.report(targetType="user", targetId=user.pk)["id"] for user in users]
    api = api_as(scene.moderator)
    for number in (1, 3):
        scene.decide({"id": ids[number]}, "warn")

    def listed(**query: object) -> list[int]:
        return [row["id"] for row in api.get(QUEUE, query).json()["reports"]]

    assert listed(status="open") == [ids[0], ids[2], ids[4]]
    assert listed(status="actioned") == [ids[3], ids[1]]
    assert listed(status="dismissed") == listed(status="appealed") == []
    assert listed() == ids[::-1]
    with django_assert_num_queries(3):  # token, count, rows
        page = api.get(QUEUE, {"status": "open", "limit": 2, "page": 2}).json()
    rows = page.pop("reports")
    assert page == {"total": 3, "page": 2, "limit": 2, "totalPages": 2}
    assert rows == [
        {
            "id": ids[4],
            "targetType": "user",
            "targetId": users[4].pk,
            "category": "spam",
            "reason": "unasked for",
            "status": "open",
            "reporter": {"id": scene.reporter.pk, "username": "reporter-zoe"},
            "accused": {"id": users[4].pk, "username": users[4].username},
            "decision": None,
            "decisionReason": None,
            "decidedAt": None,
            "decidedBy": None,
            "appeal": None,
            "appealedAt": None,
            "createdAt": rows[0]["createdAt"],
        }
    ]
    for query in ({"status": "closed"}, {"limit": "0"}, {"page": "-1"}):
        assert is_error(api.get(QUEUE, query), 400)


@pytest.mark.parametrize("decision", DECISIONS)
def test_what_is_decided_happens_and_stays_in_the_log(scene, decision):
    report = scene.report()
    answer = scene.decide(report, decision, scene.admin)
    assert answer.status_code == 200, answer.json()
    row = answer.json()
    assert (row["status"], row["decision"], row["decisionReason"]) == (DECISIONS[decision], decision, "house rules")
    assert row["decidedBy"] == {"id": scene.admin.pk, "username": "chief"}
    assert row["evidence"]["message"]["id"] == scene.message.pk
    assert Message.objects.filter(pk=scene.message.pk).exists() is (decision != "delete_message")
    assert User.objects.get(pk=scene.author.pk).is_active is (decision != "block_user")
    decided = (
        *("report.decide", report["id"], {"status": "open", "decision": None}),
        *({"status": DECISIONS[decision], "decision": decision}, "house rules"),
    )
    assert entries()[-1] == decided
    assert [entry[0] for entry in entries()[:-1]] == (["user.block"] if decision == "block_user" else [])
    assert {*AuditEntry.objects.filter(log="instance").values_list("actor_number", "address")} == {
        (scene.admin.pk, "127.0.0.1")
    }
    assert audit_fault("instance") is None
    assert is_error(scene.decide(report, "dismiss", scene.moderator), 400)


def test_moderators_decide_all_but_a_block(scene):
    report = scene.report()
    assert is_error(scene.decide(report, "block_user"), 403)
    assert (Report.objects.get().status, entries()) == ("open", [])
    assert User.objects.get(pk=scene.author.pk).is_active
    assert scene.decide(report, "block_user", scene.admin).status_code == 200
    for decision in ("dismiss", "warn", "delete_message"):
        assert scene.decide(scene.report(), decision).status_code == 200


def test_who_lost_his_rank_meanwhile_decides_nothing(scene):
    scene.report()
    User.objects.filter(pk=scene.moderator.pk).update(role="user")
    with pytest.raises(StaffOnly):
        services.report_decide(by=scene.moderator, report=Report.objects.get(), decision="warn", reason="house rules")
    assert (Report.objects.get().status, entries()) == ("open", [])


@pytest.mark.parametrize("rank", ["moderator", "admin"])
def test_nobody_decides_in_his_own_case(scene, api_as, rank):
    staff = getattr(scene, rank)
    by_him = scene.report(by=staff, targetType="user", targetId=scene.author.pk)
    about_him = scene.report(targetType="user", targetId=staff.pk)
    api, other = api_as(staff), make_user(role="moderator")
    assert [row["id"] for row in api.get(QUEUE).json()["reports"]] == [by_him["id"]]
    assert api.get(f"{QUEUE}/{by_him['id']}").status_code == 200
    assert is_error(api.get(f"{QUEUE}/{about_him['id']}"), 403)
    for report in (by_him, about_him):
        for body in ({"decision": "dismiss", "reason": "fine"}, {"decision": 7}):
            assert is_error(api.post(f"{QUEUE}/{report['id']}/decide", body), 403)
    assert entries() == []
    for report in (by_him, about_him):
        assert scene.decide(report, "dismiss", other).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        *({"decision": value} for value in ("ban", "", None, 7, ["warn"], {})),
        *({"reason": value} for value in ("", "no", None, 7, "x" * 501, "a\0bc")),
    ],
)
def test_a_bad_decision_changes_nothing(scene, api_as, change):
    report = scene.report()
    answer = api_as(scene.admin).post(f"{QUEUE}/{report['id']}/decide", {"decision": "warn", "reason": "fine", **change})
    assert is_error(answer, 400)
    assert (Report.objects.get().status, entries()) == ("open", [])


def test_what_cannot_be_done_is_not_decided(scene):
    about_user = scene.report(targetType="user", targetId=scene.author.pk)
    assert is_error(scene.decide(about_user, "delete_message"), 400)
    about_message = scene.report()
    message_remove(message=scene.message)
    assert is_error(scene.decide(about_message, "delete_message"), 400)
    assert scene.decide(about_user, "block_user", scene.admin).status_code == 200
    log = entries()
    assert is_error(scene.decide(about_message, "block_user", scene.admin), 400)  # blocked already
    assert (Report.objects.get(pk=about_message["id"]).status, entries()) == ("open", log)
    assert scene.decide(about_message, "warn").status_code == 200


def test_the_last_administrator_is_not_blocked_by_a_report(scene):
    chief = scene.report(targetType="user", targetId=scene.admin.pk)
    other = make_user(role="admin")
    assert scene.decide(chief, "block_user", other).status_code == 200
    assert is_error(scene.decide(scene.report(targetType="user", targetId=other.pk), "block_user", scene.admin), 403)
    assert User.objects.get(pk=other.pk).is_active


@pytest.mark.parametrize("decision", DECISIONS)
def test_acts_and_entries_stand_or_fall_together(scene, monkeypatch, decision):
    report = scene.report()

    def record_and_fail(*args):
        raise services.DecidedAlready

    with monkeypatch.context() as patch:
        patch.setattr(services, "act_record", record_and_fail)
        assert is_error(scene.decide(report, decision, scene.admin), 400)
    assert Message.objects.filter(pk=scene.message.pk).exists()
    assert User.objects.get(pk=scene.author.pk).is_active
    assert (Report.objects.get().status, entries()) == ("open", [])
    assert scene.decide(report, decision, scene.admin).status_code == 200
