"""Reports: what waits first, each with its evidence, and the decision on it."""

from typing import Any

from django.db.models import BooleanField, Case, F, QuerySet, Value, When
from unfold.decorators import display

from accounts.models import GlobalRole, User
from moderation.access import access_admin, access_report_as_staff, access_report_to_decide
from moderation.models import QUEUE, Decision, Report, ReportTarget
from moderation.selectors import report_search
from moderation.services.reports import decision_needs, report_decide
from panel.access import may
from panel.acts import Act, Reason, choice
from panel.request import PanelRequest
from panel.shown import Choices, Shown, link_to, moment
from panel.words import CATEGORIES, DECISIONS, STATUSES, TARGETS, said


class DecisionForm(Reason):
    decision = choice(said("Decision", "Решение"), DECISIONS)
    field_order = ("decision", "reason")

    def suit(self, row: Report, user: User) -> None:
        """What makes no sense for the report, or needs more than one may, is no choice."""
        decisions = [
            (decision, words)
            for decision, words in DECISIONS.items()
            if may(user, decision_needs(decision))
            and (decision != Decision.DELETE_MESSAGE or row.target_type == ReportTarget.MESSAGE)
            and (decision != Decision.BLOCK_USER or row.accused_id is not None)
        ]
        self.fields["decision"].choices = decisions  # type: ignore[attr-defined]
        self.fields["reason"].help_text = said(
            "Whoever reported and whoever was reported read it; it is kept in the audit log.",
            "Её прочтут и тот, кто пожаловался, и тот, на кого; она останется в журнале аудита.",
        )


def _decide(*, by: User, row: Report, decision: str, reason: str) -> None:
    access_report_to_decide(by, row.pk)
    access_admin(by, decision_needs(decision))
    report_decide(by=by, report=row, decision=decision, reason=reason)


ACTS = (
    Act(
        "decide",
        said("Decide", "Решить"),
        said("Both sides are told the decision and the reason.", "Обе стороны узнают решение и причину."),
        said("The report is decided", "Решение по жалобе принято"),
        _decide,
        form=DecisionForm,
        icon="gavel",
        variant="primary",
        need=GlobalRole.MODERATOR,
        offered=lambda row, user: row.status in QUEUE and row.reporter_id != user.pk,
    ),
)


class StatusFilter(Choices):
    title, parameter_name, words = said("status", "состояние"), "status", STATUSES

    def kept(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        return rows.filter(status=word)


class CategoryFilter(Choices):
    title, parameter_name, words = said("category", "категория"), "category", CATEGORIES

    def kept(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        return rows.filter(category=word)


class ReportAdmin(Shown):
    many = said("Reports", "Жалобы")
    acts = ACTS
    list_display = ("title", "state", "kind", "about", "made_by", "at")
    list_filter = (StatusFilter, CategoryFilter)
    change_form_outer_before_template = "panel/report.html"

    def get_queryset(self, request: PanelRequest) -> QuerySet[Report]:
        waits = Case(When(status__in=QUEUE, then=Value(True)), default=Value(False), output_field=BooleanField())
        return report_search(request.user, status="").annotate(waits=waits)

    def get_ordering(self, request: PanelRequest) -> tuple[Any, ...]:
        """What waits: oldest first. Then the rest, newest first."""
        return F("waits").desc(), Case(When(waits=True, then=F("pk"))).asc(nulls_last=True), "-pk"

    def row_of(self, request: PanelRequest, row_id: int) -> Report:
        return access_report_as_staff(request.user, row_id)

    def change_view(self, request: PanelRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        report = self.row_of(request, self._id_of(object_id))
        words = {
            "state": STATUSES[report.status],
            "kind": CATEGORIES[report.category],
            "decision": report.decision and DECISIONS[report.decision],
        }
        return super().change_view(request, object_id, form_url, {**words, **(extra_context or {})})

    def get_fieldsets(self, request: PanelRequest, obj: Any = None) -> list[Any]:
        """All there is to see is in the template."""
        return []

    def name_of(self, row: Report) -> str:
        return self.title(row)

    @display(description=said("Report", "Жалоба"))
    def title(self, report: Report) -> str:
        return f"№ {report.pk} · {TARGETS[report.target_type]}"

    @display(
        description=said("Status", "Состояние"),
        label={"open": "warning", "appealed": "warning", "actioned": "danger", "dismissed": "default"},
    )
    def state(self, report: Report) -> tuple[str, str]:
        return report.status, str(STATUSES[report.status])

    @display(description=said("Category", "Категория"))
    def kind(self, report: Report) -> str:
        return str(CATEGORIES[report.category])

    @display(description=said("About", "На кого"))
    def about(self, report: Report) -> str:
        return link_to("accounts_user_change", report.accused_id, report.accused.username) if report.accused else "—"

    @display(description=said("By", "От кого"))
    def made_by(self, report: Report) -> str:
        return link_to("accounts_user_change", report.reporter_id, report.reporter.username) if report.reporter else "—"

    @display(description=said("At (UTC)", "Когда (UTC)"), ordering="pk")
    def at(self, report: Report) -> str:
        return moment(report.created_at)
