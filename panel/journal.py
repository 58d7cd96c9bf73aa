"""The instance's audit log, as it is, and whether it is whole."""

from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError
from unfold.decorators import display

from accounts.models import GlobalRole
from audit.models import AuditCheckpoint, AuditEntry, AuditLog
from audit.selectors import audit_fault, audit_newest_checkpoint
from moderation.access import access_admin
from moderation.services.acts import LOG
from panel.request import PanelRequest
from panel.shown import Shown
from panel.words import said
from projectvoice.kernel.errors import NotFound
from projectvoice.kernel.limits import Limit

AT_ONCE = 5000  # entries that are verified by looking at the list
VERIFIED_FOR = 600  # seconds that a verification is shown for
KEY = "panel-verified"
VERIFICATIONS = Limit("panel-verify", most=6, window=60)  # each walks the whole log


class Verification(NamedTuple):
    """`fault` is None where nothing was wrong with the first `length` entries at that moment."""

    at: datetime
    length: int
    fault: str | None


def log_verify() -> Verification:
    """Walks the log: a second for some fifty thousand entries."""
    at, length = timezone.now(), log_length()
    found = Verification(at, length, audit_fault(LOG))
    with suppress(RedisError, OSError):  # without Valkey it is shown this once
        cache.set(KEY, tuple(found), VERIFIED_FOR)
    return found


def log_verified() -> Verification | None:
    """The last one, if that was a moment ago."""
    try:
        kept = cache.get(KEY)
    except (RedisError, OSError):
        return None
    return None if kept is None else Verification(*kept)


def log_length() -> int:
    return AuditLog.objects.filter(pk=LOG).values_list("length", flat=True).first() or 0


def verify(request: PanelRequest) -> HttpResponse:
    access_admin(request.user)
    VERIFICATIONS.take(str(request.user.pk))
    found = log_verify()
    if found.fault is None:
        messages.success(request, str(said("The log is whole", "Журнал цел")))
    else:
        messages.error(request, found.fault)
    return HttpResponseRedirect(reverse("admin:audit_auditentry_changelist"))


class JournalAdmin(Shown):
    need = GlobalRole.ADMIN
    many = said("Audit log", "Журнал аудита")
    search_fields = ("actor_name", "action", "target_name")
    search_help_text = said("Who, what, or whom", "Кто, что или кого")
    list_display = ("number", "moment", "who", "what", "whom", "why", "source")
    list_display_links = ("number",)
    list_before_template = "panel/verification.html"
    ordering = ("-sequence",)
    fields = ("number", "moment", "who", "what", "whom", "why", "source", "was", "became", "previous_hash", "hash")
    readonly_fields = fields

    def get_queryset(self, request: PanelRequest) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.filter(log=LOG)

    def row_of(self, request: PanelRequest, row_id: int) -> AuditEntry:
        access_admin(request.user, self.need)
        entry = AuditEntry.objects.filter(log=LOG, pk=row_id).first()
        if entry is None:
            raise NotFound
        return entry

    def found(self, rows: QuerySet[Any], search: str) -> QuerySet[Any]:
        named = Q(actor_name__icontains=search) | Q(action__icontains=search) | Q(target_name__icontains=search)
        return rows.filter(named)

    def changelist_view(self, request: PanelRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        length = log_length()
        state = {
            "length": length,
            "verification": log_verified() or (log_verify() if length <= AT_ONCE else None),
            "checkpoint": audit_newest_checkpoint(LOG),
            "signed": AuditCheckpoint.objects.filter(log=LOG).count(),
        }
        return super().changelist_view(request, {**state, **(extra_context or {})})

    def name_of(self, row: AuditEntry) -> str:
        return f"№ {row.sequence}"

    @display(description="№", ordering="sequence")
    def number(self, entry: AuditEntry) -> int:
        return entry.sequence

    @display(description=said("At (UTC)", "Когда (UTC)"))
    def moment(self, entry: AuditEntry) -> str:
        return f"{entry.at:%Y-%m-%d %H:%M:%S}"

    @display(description=said("Who", "Кто"))
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_name

    @display(description=said("What", "Что"))
    def what(self, entry: AuditEntry) -> str:
        return entry.action

    @display(description=said("Whom", "Кого"))
    def whom(self, entry: AuditEntry) -> str:
        return f"{entry.target_type} {entry.target_id} {entry.target_name}".strip()

    @display(description=said("Why", "Почему"))
    def why(self, entry: AuditEntry) -> str:
        return entry.reason or ""

    @display(description=said("From", "Откуда"))
    def source(self, entry: AuditEntry) -> str:
        return entry.address or ""

    @display(description=said("Before", "Было"))
    def was(self, entry: AuditEntry) -> str:
        return state_in_words(entry.before)

    @display(description=said("After", "Стало"))
    def became(self, entry: AuditEntry) -> str:
        return state_in_words(entry.after)


def state_in_words(state: dict[str, Any] | None) -> str:
    return ", ".join(f"{name}: {value}" for name, value in (state or {}).items())
