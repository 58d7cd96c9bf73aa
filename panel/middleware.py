"""What requests of the panel pass, and no others: who it is, messages, headers, refusals as pages."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from panel.access import COOKIE, PATH, cookie_take, entrant_of
from panel.refusals import page_of_refusal
from projectvoice.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-eval'",  # Alpine.js makes functions of its attributes; no script stands in the page
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # unfold's templates have some: where elements begin, how wide bars are
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


class PanelMiddleware:
    """For any other path it costs one comparison."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (request.path_info + "/").startswith(PATH):
            return self._get_response(request)
        if not request.path.endswith("/"):
            return HttpResponseRedirect(request.get_full_path(force_append_slash=True))
        request.path_info = request.path_info.rstrip("/") + "/"  # as Django's admin has it, before TrailingSlashMiddleware came
        entrant = entrant_of(request)
        request.user = AnonymousUser() if entrant is None else entrant.user
        request.session_id = None if entrant is None else entrant.session_id  # type: ignore[attr-defined]
        request._messages = default_storage(request)  # type: ignore[attr-defined]  # where django.contrib.messages looks
        response = self._get_response(request)
        request._messages.update(response)  # type: ignore[attr-defined]
        if entrant is None and COOKIE in request.COOKIES and COOKIE not in response.cookies:
            cookie_take(response)
        for name in response.cookies:
            response.cookies[name]["secure"] = request.is_secure() or settings.SESSION_COOKIE_SECURE or ""
        for name, value in HEADERS.items():
            response[name] = value
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not request.path_info.startswith(PATH):
            return None
        match exception:
            case DomainError():
                return page_of_refusal(request, exception)
            case Http404():
                return page_of_refusal(request, NotFound())
            case PermissionDenied():
                return page_of_refusal(request, Forbidden())
            case SuspiciousOperation():
                return page_of_refusal(request, InvalidInput())
        return None
