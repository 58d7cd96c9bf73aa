"""The base of all lists of the panel: they show, and whoever acts goes through `acts`."""

from collections.abc import Iterable
from copy import copy
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from accounts.models import GlobalRole
from moderation.access import access_admin
from moderation.api.paging import SEARCH_LENGTH
from panel.access import may
from panel.acts import Act, perform
from panel.request import PanelRequest
from panel.words import said
from projectvoice.kernel.errors import InvalidInput, NotFound
from projectvoice.kernel.serializers import MAX_ID


class Counted(ChangeList):
    """`14 in all`: Django would write the table's name, which no migration translates."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opts = copy(self.model._meta)
        self.opts.verbose_name = self.opts.verbose_name_plural = said("in all", "всего")


class Shown(ModelAdmin):
    """`need` opens lists and pages, as it does in `/api/admin`; each act has its own."""

    need = GlobalRole.MODERATOR
    many: Any = ""
    acts: tuple[Act, ...] = ()
    actions = None
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = None
    list_filter_sheet = False
    list_fullwidth = True
    change_form_outer_before_template = "panel/offered.html"

    # Rights

    def has_module_permission(self, request: PanelRequest) -> bool:
        return may(request.user, self.need)

    def has_view_permission(self, request: PanelRequest, obj: Model | None = None) -> bool:
        return may(request.user, self.need)

    def has_add_permission(self, request: PanelRequest) -> bool:
        return False

    def has_change_permission(self, request: PanelRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: PanelRequest, obj: Model | None = None) -> bool:
        return False

    def get_changelist(self, request: PanelRequest, **kwargs: Any) -> type[Counted]:
        return Counted

    def lookup_allowed(self, lookup: str, value: str, request: PanelRequest | None = None) -> bool:
        """Our filters alone: by a column in the address one could ask for a password's hash, letter by letter."""
        return lookup in {filter.parameter_name for filter in self.list_filter}

    # Lists

    def get_search_results(
        self, request: PanelRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if len(search_term) > SEARCH_LENGTH or "\0" in search_term:
            raise InvalidInput
        return (self.found(queryset, search_term.strip()) if search_term.strip() else queryset), False

    def found(self, rows: QuerySet[Any], search: str) -> QuerySet[Any]:
        return rows

    def changelist_view(self, request: PanelRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": self.many, "crumbs": [(self.many, None)], **(extra_context or {})}
        return super().changelist_view(request, context)

    # Pages

    def row_of(self, request: PanelRequest, row_id: int) -> Any:
        """Through the doors. Raises DomainError."""
        raise NotImplementedError

    def get_object(self, request: PanelRequest, object_id: str, from_field: str | None = None) -> Any:
        return self.row_of(request, self._id_of(object_id))

    def change_view(
        self, request: PanelRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        access_admin(request.user, self.need)
        row = self.row_of(request, self._id_of(object_id))
        offered = [
            (act, self._url(act.name, row.pk))
            for act in self.acts
            if may(request.user, act.need) and act.offered(row, request.user)
        ]
        context = {
            "title": self.name_of(row),
            "crumbs": [(self.many, self._url("changelist")), (self.name_of(row), None)],
            "offered": offered,
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def name_of(self, row: Any) -> str:
        return str(row)

    def get_urls(self) -> list[URLPattern]:
        acts = [
            path(
                f"<path:object_id>/{act.name}/",
                self.admin_site.admin_view(partial(self._act, act=act)),
                name=self._view(act.name),
            )
            for act in self.acts
        ]
        return acts + [one for one in super().get_urls() if one.name in {self._view("changelist"), self._view("change")}]

    def _act(self, request: PanelRequest, object_id: str, act: Act) -> HttpResponse:
        access_admin(request.user, act.need)
        row = self.row_of(request, self._id_of(object_id))
        back = self._url("changelist") if act.ends else self._url("change", row.pk)
        name = self.name_of(row)
        crumbs = [(self.many, self._url("changelist")), (name, self._url("change", row.pk)), (act.title, None)]
        context = {
            **self.admin_site.each_context(request),
            "crumbs": crumbs,
            "name": name,
            "cancel": self._url("change", row.pk),
        }
        return perform(request, act, row, context, back)

    def _id_of(self, text: str) -> int:
        if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) <= MAX_ID or len(text) > 20:
            raise NotFound
        return int(text)

    def _view(self, name: str) -> str:
        return f"{self.model._meta.app_label}_{self.model._meta.model_name}_{name}"

    def _url(self, name: str, *args: Any) -> str:
        return reverse(f"admin:{self._view(name)}", args=args)


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def link_to(view: str, row_id: int | None, text: str) -> str:
    return (
        text
        if row_id is None
        else format_html('<a class="panel-link" href="{}">{}</a>', reverse(f"admin:{view}", args=[row_id]), text)
    )


class Choices(SimpleListFilter):
    """A filter of ours by a few words; any other word does not filter."""

    words: dict[str, Any] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return self.words.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.kept(queryset, self.value() or "") if self.value() in self.words else queryset

    def kept(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        raise NotImplementedError
