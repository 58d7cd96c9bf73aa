"""Writes of reports: made, decided, appealed against.

Locks are taken in the order account, message, report: that in which a deleted account reaches them too.
"""

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import GlobalRole, User
from accounts.services import admins_held, user_locked
from audit.services import State, Target
from messaging.errors import MessageNotFound
from messaging.models import Message
from messaging.services import message_remove
from moderation.access import access_admin_now
from moderation.errors import (
    ActsOnOneself,
    AppealedAlready,
    DecidedAlready,
    NobodyToBlock,
    NothingToDelete,
    ReportedAlready,
    ReportNotFound,
)
from moderation.evidence import evidence_of_message, evidence_of_user, evidence_with, evidence_without
from moderation.models import QUEUE, Decision, Report, ReportStatus, ReportTarget
from moderation.services.acts import act_record, admin_user_block
from projectvoice.kernel.limits import Limit

REPORTS_PER_USER = Limit("report", most=30, window=3600)


@transaction.atomic
def message_report(*, by: User, message: Message, category: str, reason: str) -> Report:
    """The evidence is what the message says now, and is stored with the report or not at all."""
    _hold_account(message.user_id)
    held = Message.objects.select_for_update(of=("self",), no_key=True).select_related("user").filter(pk=message.pk).first()
    if held is None:
        raise MessageNotFound
    report = Report(accused=held.user, target_type=ReportTarget.MESSAGE, target_id=held.pk, category=category, reason=reason)
    report.evidence = evidence_of_message(held)
    return _filed(report, by)


@transaction.atomic
def user_report(*, by: User, user: User, category: str, reason: str) -> Report:
    user = user_locked(user)
    report = Report(accused=user, target_type=ReportTarget.USER, target_id=user.pk, category=category, reason=reason)
    report.evidence = evidence_of_user(user)
    return _filed(report, by)


@transaction.atomic
def report_decide(*, by: User, report: Report, decision: str, reason: str) -> Report:
    """Of two who decide at once one wins. What is decided happens in the same transaction, and the entry in the log too.

    Blocking leaves two entries: the decision's, and that of the block as if it had been done in the panel.
    """
    admins_held()
    access_admin_now(by, decision_needs(decision))
    if decision == Decision.BLOCK_USER:
        _hold_account(report.accused_id)
    report = _locked(report)
    if report.status not in QUEUE:
        raise DecidedAlready
    if decision == Decision.DELETE_MESSAGE:
        _delete_message(report)
    if decision == Decision.BLOCK_USER:
        _block_accused(by, report, reason)
    before = _state_of(report)
    report.status = ReportStatus.DISMISSED if decision == Decision.DISMISS else ReportStatus.ACTIONED
    report.decision, report.decision_reason = decision, reason
    report.decided_by, report.decided_at = by, timezone.now()
    report.save(update_fields=["status", "decision", "decision_reason", "decided_by", "decided_at"])
    target = Target("report", report.pk, f"{report.target_type} {report.target_id}")
    act_record(by, "report.decide", target, before, _state_of(report), reason)
    return report


@transaction.atomic
def report_appeal(*, report: Report, text: str) -> Report:
    """Once: the report is back in the queue, what was decided stands until it is decided anew."""
    report = _locked(report)
    if report.appealed_at is not None:
        raise AppealedAlready
    report.status, report.appeal, report.appealed_at = ReportStatus.APPEALED, text, timezone.now()
    report.save(update_fields=["status", "appeal", "appealed_at"])
    return report


@transaction.atomic
def reports_forget(*, user: User) -> int:
    """Takes somebody's words out of all reports: what he is quoted with, his reasons and appeals. How many held any.

    The reports stay, and so do their decisions with the reasons that moderators gave.
    """
    his = Q(reporter=user) | Q(accused=user, appeal__isnull=False) | evidence_with(user.pk)
    reports = list(Report.objects.select_for_update().filter(his).order_by("pk"))
    for report in reports:
        report.evidence = evidence_without(report.evidence, user.pk)
        if report.reporter_id == user.pk:
            report.reason = ""
        if report.accused_id == user.pk and report.appeal is not None:
            report.appeal = ""
        report.save(update_fields=["evidence", "reason", "appeal"])
    return len(reports)


def decision_needs(decision: str) -> GlobalRole:
    """Moderators handle reports; administrators change accounts."""
    return GlobalRole.ADMIN if decision == Decision.BLOCK_USER else GlobalRole.MODERATOR


def _filed(report: Report, by: User) -> Report:
    if report.accused_id == by.pk:
        raise ActsOnOneself
    report.reporter = by
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError as error:
        raise ReportedAlready from error
    return report


def _delete_message(report: Report) -> None:
    message = Message.objects.filter(pk=report.target_id).first() if report.target_type == ReportTarget.MESSAGE else None
    if message is None:
        raise NothingToDelete
    message_remove(message=message)


def _block_accused(by: User, report: Report, reason: str) -> None:
    if report.accused is None:
        raise NobodyToBlock
    admin_user_block(by=by, user=report.accused, reason=reason)


def _hold_account(user_id: int | None) -> None:
    if user_id is not None:
        User.objects.select_for_update(no_key=True).filter(pk=user_id).first()


def _locked(report: Report) -> Report:
    locked = Report.objects.select_for_update().filter(pk=report.pk).first()
    if locked is None:
        raise ReportNotFound
    return locked


def _state_of(report: Report) -> State:
    return {"status": report.status, "decision": report.decision}
