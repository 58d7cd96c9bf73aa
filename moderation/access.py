"""The doors to the admin panel, by global role read from the row, and those to a report."""

from django.db.models import QuerySet

from accounts.models import GlobalRole, User
from moderation.errors import OwnCase, ReportNotFound, StaffOnly
from moderation.models import Report
from moderation.selectors import report_rows, reports_against, reports_by

RANKS = {GlobalRole.USER: 0, GlobalRole.MODERATOR: 1, GlobalRole.ADMIN: 2}


def access_admin(user: User, need: GlobalRole = GlobalRole.ADMIN) -> None:
    """Moderators read the lists and handle reports; all else needs an administrator."""
    if RANKS[GlobalRole(user.role)] < RANKS[need]:
        raise StaffOnly


def access_admin_now(user: User, need: GlobalRole = GlobalRole.ADMIN) -> None:
    """The same door by the row as it is now: who was demoted or blocked while he waited acts no more."""
    current = User.objects.filter(pk=user.pk, is_active=True).first()
    if current is None:
        raise StaffOnly
    access_admin(current, need)


def access_report_of_mine(user: User, report_id: int) -> Report:
    return _found(reports_by(user), report_id)


def access_report_against_me(user: User, report_id: int) -> Report:
    """Once it is decided: before that nobody learns that he was reported."""
    return _found(reports_against(user), report_id)


def access_report_as_staff(user: User, report_id: int) -> Report:
    """Nobody reads who reported him."""
    access_admin(user, GlobalRole.MODERATOR)
    report = _found(report_rows(), report_id)
    if report.accused_id == user.pk:
        raise OwnCase
    return report


def access_report_to_decide(user: User, report_id: int) -> Report:
    report = access_report_as_staff(user, report_id)
    if report.reporter_id == user.pk:
        raise OwnCase
    return report


def _found(reports: QuerySet[Report], report_id: int) -> Report:
    report = reports.filter(pk=report_id).first()
    if report is None:
        raise ReportNotFound
    return report
