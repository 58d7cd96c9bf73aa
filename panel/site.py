"""The site: what is in it, and the way in and out."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from accounts.models import GlobalRole, User
from accounts.services import session_end
from audit.models import AuditEntry
from moderation.models import Report
from panel.access import cookie_take, may
from panel.dashboard import dashboard
from panel.journal import JournalAdmin, verify
from panel.people import UserAdmin
from panel.queue import ReportAdmin
from panel.request import PanelRequest
from panel.rooms import put_out, rooms
from panel.servers import ServerAdmin
from panel.sign_in import sign_in
from panel.words import said
from servers.models import Server

# Of Django's own views. What would change anything beside the services, or tell of other tables, is not served.
SERVED = {"index", "login", "logout", "jsi18n", None}


class PanelSite(UnfoldAdminSite):
    index_title = said("Overview", "Обзор")
    index_template = "panel/dashboard.html"

    def has_permission(self, request: PanelRequest) -> bool:
        return may(request.user, GlobalRole.MODERATOR)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Without the colours, which unfold would write into the page: they are panel/static/panel/colours.css."""
        return {**super().each_context(request), "colors": None}

    def get_app_list(self, request: PanelRequest, app_label: str | None = None) -> list[Any]:
        """The bar at the side is panel/navigation.py."""
        return []

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("rooms/", self.admin_view(rooms), {"site": self}, name="rooms"),
            path("rooms/put-out/", self.admin_view(put_out), {"site": self}, name="put-out"),
            path("audit/verify/", self.admin_view(require_POST(verify)), name="verify"),
        ]
        return own + [one for one in super().get_urls() if isinstance(one, URLResolver) or one.name in SERVED]

    def index(self, request: PanelRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().index(request, dashboard(request))

    def login(self, request: PanelRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return sign_in(request, self)

    def logout(self, request: PanelRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        session_id = getattr(request, "session_id", None)
        if session_id is not None:
            session_end(user=request.user, session_id=session_id)
        response = HttpResponseRedirect(reverse("admin:login"))
        cookie_take(response)
        return response


site = PanelSite(name="admin")
site.disable_action("delete_selected")
site.register(User, UserAdmin)
site.register(Server, ServerAdmin)
site.register(Report, ReportAdmin)
site.register(AuditEntry, JournalAdmin)
