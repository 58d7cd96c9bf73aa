"""Reports. Each keeps its evidence by value: it outlives the message, the account and the server it is about."""

from django.db import models
from django.db.models import Q

from accounts.models import User

REASON_LENGTH = 500
APPEAL_LENGTH = 1000


class ReportTarget(models.TextChoices):
    MESSAGE = "message"
    USER = "user"


class Category(models.TextChoices):
    SPAM = "spam"
    HARASSMENT = "harassment"
    ILLEGAL = "illegal"
    OTHER = "other"


class ReportStatus(models.TextChoices):
    OPEN = "open"
    APPEALED = "appealed"
    ACTIONED = "actioned"
    DISMISSED = "dismissed"


class Decision(models.TextChoices):
    DISMISS = "dismiss"
    WARN = "warn"
    DELETE_MESSAGE = "delete_message"
    BLOCK_USER = "block_user"


QUEUE = (ReportStatus.OPEN, ReportStatus.APPEALED)  # wait for a decision


class Report(models.Model):
    """`accused` is the reported user, or the author of the reported message. Accounts that are gone leave nulls.

    `target_id` is no foreign key: a deleted channel would look here once for each of its messages.
    """

    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    accused = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    target_type = models.CharField(max_length=10, choices=ReportTarget)
    target_id = models.BigIntegerField()
    category = models.CharField(max_length=10, choices=Category)
    reason = models.CharField(max_length=REASON_LENGTH)
    evidence = models.JSONField()
    status = models.CharField(max_length=10, choices=ReportStatus, default=ReportStatus.OPEN)
    decision = models.CharField(max_length=15, choices=Decision, null=True)  # noqa: DJ001 - null: none yet
    decision_reason = models.CharField(max_length=REASON_LENGTH, null=True)  # noqa: DJ001 - likewise
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    appeal = models.CharField(max_length=APPEAL_LENGTH, null=True)  # noqa: DJ001 - likewise
    appealed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "target_type", "target_id"],
                condition=Q(status=ReportStatus.OPEN),
                name="report_open_once",
            ),
            models.CheckConstraint(condition=Q(status__in=ReportStatus.values), name="report_status_known"),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.OPEN, decision__isnull=True)
                | Q(~Q(status=ReportStatus.OPEN), decision__in=Decision.values),
                name="report_open_or_decided",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"], name="report_queue")]

    def __str__(self) -> str:
        return f"report {self.pk} of {self.target_type} {self.target_id}"
