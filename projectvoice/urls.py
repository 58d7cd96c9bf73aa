"""Joins the rooms' paths. A path is written without its trailing slash; TrailingSlashMiddleware takes both."""

from django.urls import include, path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularJSONAPIView

from projectvoice.kernel import exception_handler
from projectvoice.kernel.ids import IdConverter

register_converter(IdConverter, "id")

from projectvoice.api import HealthApi, InfoApi, ReadyApi  # noqa: E402 - the converter comes first
from projectvoice.api_docs import ApiDocs  # noqa: E402

urlpatterns = [
    path("api/", include("messaging.urls")),  # asked most, and found in this order
    path("api/", include("servers.urls")),
    path("api/", include("accounts.urls")),
    path("api/", include("friends.urls")),
    path("api/", include("voice.urls")),
    path("api/", include("timelines.urls")),
    path("api/", include("moderation.urls")),
    path("api/", include("integrations.urls")),
    path("api/", include("selfhost.urls")),
    path("api/info", InfoApi.as_view(), name="info"),
    path("api/health", HealthApi.as_view(), name="health"),
    path("readyz", ReadyApi.as_view(), name="ready"),
    path("api/schema", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/schema.yaml", SpectacularAPIView.as_view(), name="schema-yaml"),
    path("api-docs", ApiDocs.as_view(url_name="schema"), name="docs"),
    path("admin/", include("panel.urls")),
    path("", include("voice.root_urls")),
    path("", include("web.urls")),
]

handler400 = exception_handler.bad_request
handler403 = exception_handler.forbidden
handler404 = exception_handler.not_found
handler500 = exception_handler.server_error
