"""Reports in the panel: the order, the evidence, the decision, and those who stay out of their own case."""

import pytest

from accounts.services import user_block
from audit.models import AuditEntry
from messaging.models import Message
from moderation.models import Report
from tests.factories import make_user
from tests.panel.conftest import PANEL

pytestmark = pytest.mark.django_db
REPORTS = f"{PANEL}moderation/report/"


def page(report: dict | Report) -> str:
    return f"{REPORTS}{report['id']}/change/"


def decide(client, report: dict, decision: str, reason: str = "house rules"):
    return client.post(f"{REPORTS}{report['id']}/decide/", {"decision": decision, "reason": reason})


def test_what_waits_comes_first_and_oldest_first(browser_of, scene):
    done = [scene.decided("dismiss"), scene.decided("warn")]
    waiting = [scene.report(), scene.report(by=make_user(), targetType="user", targetId=scene.author.pk)]
    assert scene.api_as(scene.author).post(f"/api/reports/{done[1]['id']}/appeal", {"text": "not me"}).status_code == 200
    warden = browser_of(scene.moderator)
    answer = warden.get(REPORTS)
    shown = [report.pk for report in answer.context["cl"].result_list]
    assert shown == [done[1]["id"], waiting[0]["id"], waiting[1]["id"], done[0]["id"]]
    filtered = [report.pk for report in warden.get(REPORTS, {"status": "dismissed"}).context["cl"].result_list]
    assert filtered == [done[0]["id"]]


def test_the_evidence_is_shown_and_stays_text(browser_of, scene):
    scene.message = scene.says("<script>alert(1)</script> {{ 7*7 }}")
    report = scene.report(reason="<b>look</b>")
    answer = browser_of(scene.moderator).get(page(report))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in answer.text
    assert "<b>look</b>" not in answer.text
    assert "buy my pills" in answer.text  # what was said before it
    assert "Club › general" in answer.text


@pytest.mark.parametrize("decision", ["dismiss", "warn", "delete_message"])
def test_a_moderator_decides(browser_of, scene, decision):
    report, warden = scene.report(), browser_of(scene.moderator)
    assert decide(warden, report, decision).status_code == 302
    row = Report.objects.get(pk=report["id"])
    assert (row.decision, row.decision_reason, row.decided_by_id) == (decision, "house rules", scene.moderator.pk)
    assert Message.objects.filter(pk=scene.message.pk).exists() == (decision != "delete_message")
    entry = AuditEntry.objects.latest("sequence")
    assert (entry.action, entry.reason, entry.actor_number, entry.address) == (
        "report.decide",
        "house rules",
        scene.moderator.pk,
        "127.0.0.1",
    )
    shown = warden.get(page(report)).text
    assert "house rules" in shown
    assert f"{REPORTS}{report['id']}/decide/" not in shown
    again = decide(warden, report, "warn")
    assert (again.status_code, "This report is decided already" in again.text) == (400, True)


def test_only_administrators_block(browser_of, scene):
    report, warden = scene.report(), browser_of(scene.moderator)
    assert "Block the user" not in warden.get(f"{REPORTS}{report['id']}/decide/").text
    assert decide(warden, report, "block_user").status_code == 400
    assert decide(browser_of(scene.admin), report, "block_user").status_code == 302
    scene.author.refresh_from_db()
    assert not scene.author.is_active
    assert [*AuditEntry.objects.order_by("-sequence").values_list("action", flat=True)[:2]] == ["report.decide", "user.block"]


def test_what_makes_no_sense_is_no_choice(browser_of, scene):
    report = scene.report(targetType="user", targetId=scene.author.pk)
    chief = browser_of(scene.admin)
    assert "Delete the message" not in chief.get(f"{REPORTS}{report['id']}/decide/").text
    assert decide(chief, report, "delete_message").status_code == 400


def test_a_refused_decision_leaves_nothing(browser_of, scene):
    report, chief = scene.report(), browser_of(scene.admin)
    user_block(user=scene.author, by=None, reason="spam")
    logged = AuditEntry.objects.count()
    answer = decide(chief, report, "block_user")
    assert (answer.status_code, "The user is blocked already" in answer.text) == (400, True)
    assert Report.objects.get(pk=report["id"]).status == "open"
    assert AuditEntry.objects.count() == logged


def test_nobody_handles_his_own_case(browser_of, scene):
    warden = browser_of(scene.moderator)
    about_him = scene.report(targetType="user", targetId=scene.moderator.pk)
    by_him = scene.report(by=scene.moderator, targetType="user", targetId=scene.author.pk)
    shown = [report.pk for report in warden.get(REPORTS).context["cl"].result_list]
    assert shown == [by_him["id"]]
    for path in (page(about_him), f"{REPORTS}{about_him['id']}/decide/"):
        answer = warden.get(path)
        assert (answer.status_code, "for others to handle" in answer.text) == (403, True)
    assert "decide/" not in warden.get(page(by_him)).text
    assert decide(warden, by_him, "dismiss").status_code == 403
    assert decide(warden, about_him, "dismiss").status_code == 403
    assert not Report.objects.exclude(status="open").exists()


@pytest.mark.parametrize("reason", ["", "no", "x" * 501, "a\0bc"])
def test_a_reason_is_needed(browser_of, scene, reason):
    report = scene.report()
    assert decide(browser_of(scene.moderator), report, "warn", reason).status_code == 400
    assert Report.objects.get(pk=report["id"]).status == "open"
