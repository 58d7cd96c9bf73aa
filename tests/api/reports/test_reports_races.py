"""Reports, twenty at once on a real PostgreSQL."""

import pytest

from accounts.models import User
from audit.models import AuditEntry
from audit.selectors import audit_fault
from messaging.access import enter
from messaging.services import message_update
from moderation.models import Report
from tests.api.reports.conftest import QUEUE, REPORTS
from tests.api.test_races import AT_ONCE, statuses
from tests.factories import make_member, make_token, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("target", ["message", "user"])
def test_report_twice_is_one_row(scene, api_as, target):
    target_id = scene.message.pk if target == "message" else scene.author.pk
    body, token = {"targetType": target, "targetId": target_id, "reason": "spam"}, make_token(scene.reporter)
    clients = [api_as(token=token) for _ in range(AT_ONCE)]
    assert statuses([lambda c=c: c.post(REPORTS, body) for c in clients]) == {201: 1, 400: AT_ONCE - 1}
    assert Report.objects.count() == 1


def test_one_decision_wins(scene, api_as):
    report = scene.report()
    clients = [api_as(make_user(role="moderator")) for _ in range(AT_ONCE)]
    bodies = [{"decision": ("dismiss", "warn", "delete_message")[n % 3], "reason": "house rules"} for n in range(AT_ONCE)]
    calls = [lambda c=c, b=b: c.post(f"{QUEUE}/{report['id']}/decide", b) for c, b in zip(clients, bodies, strict=True)]
    assert statuses(calls) == {200: 1, 400: AT_ONCE - 1}
    entry, row = AuditEntry.objects.get(log="instance"), Report.objects.get()
    assert entry.after == {"status": row.status, "decision": row.decision}
    assert entry.actor_id == row.decided_by_id
    assert audit_fault("instance") is None


def test_one_appeal_counts(scene, api_as):
    report, token = scene.decided("warn"), make_token(scene.author)
    clients = [api_as(token=token) for _ in range(AT_ONCE)]
    calls = [lambda c=c, n=n: c.post(f"{REPORTS}/{report['id']}/appeal", {"text": f"text {n}"}) for n, c in enumerate(clients)]
    assert statuses(calls) == {200: 1, 400: AT_ONCE - 1}
    assert Report.objects.get().status == "appealed"


def test_evidence_belongs_together_while_the_message_is_edited(scene, api_as):
    reporters = [api_as(make_member(scene.server).user) for _ in range(AT_ONCE // 2)]
    author, body = make_token(scene.author), {"targetType": "message", "targetId": scene.message.pk, "reason": "spam"}
    message_update(entry=enter(scene.author, scene.channel.pk), message=scene.message, content="0")
    edits = [
        lambda n=n: api_as(token=author).put(f"/api/messages/{scene.message.pk}", {"content": str(n)})
        for n in range(1, AT_ONCE // 2 + 1)
    ]
    calls = [call for pair in zip(edits, [lambda c=c: c.post(REPORTS, body) for c in reporters], strict=True) for call in pair]
    assert statuses(calls) == {200: AT_ONCE // 2, 201: AT_ONCE // 2}
    revisions = list(scene.message.revisions.order_by("pk").values_list("content", flat=True))
    scene.message.refresh_from_db()
    history = [*revisions, scene.message.content]
    for report in Report.objects.all():
        kept = report.evidence["message"]
        seen = [*(revision["content"] for revision in kept["revisions"][::-1]), kept["content"]]
        at = history.index(seen[-1])
        assert seen == history[max(0, at - 10) : at + 1]


@pytest.mark.parametrize("decision", ["warn", "delete_message", "block_user"])
def test_an_account_that_goes_while_it_is_reported_and_decided_upon(scene, api_as, decision):
    """Every outcome is that of some order; none is a deadlock (503)."""
    reporters = [api_as(make_member(scene.server).user) for _ in range(AT_ONCE - 4)]
    targets = [("message", scene.message.pk), ("user", scene.author.pk)]
    bodies = [{"targetType": type, "targetId": id, "reason": "spam"} for type, id in targets]
    reports, author = [scene.report(), scene.report(**bodies[1])], api_as(scene.author)
    admins = [api_as(make_user(role="admin")) for _ in range(3)]
    decide = {"decision": decision, "reason": "house rules"}
    calls = [lambda c=c, n=n: c.post(REPORTS, bodies[n % 2]) for n, c in enumerate(reporters)]
    calls += [lambda c=c, n=n: c.post(f"{QUEUE}/{reports[n % 2]['id']}/decide", decide) for n, c in enumerate(admins)]
    outcome = statuses([*calls[: AT_ONCE // 2], lambda: author.delete("/api/users"), *calls[AT_ONCE // 2 :]])
    assert set(outcome) <= {200, 201, 400, 401, 403, 404}
    assert Report.objects.count() == 2 + outcome[201]
    gone = not User.objects.filter(pk=scene.author.pk).exists()
    assert gone or decision == "block_user"
    assert Report.objects.filter(accused__isnull=False).count() == (0 if gone else Report.objects.count())
    assert audit_fault("instance") is None
