"""Errors as pages, with the texts and statuses of the API."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from projectvoice.kernel.errors import DomainError, Forbidden, Text

FORGED = Text(
    "This form did not come from this page. Reload it; if that does not help, the proxy in front hides that it speaks https: "
    "see TRUSTED_PROXIES",
    "Эта форма пришла не с этой страницы. Обновите её; если не поможет, прокси скрывает, что говорит по https: см. TRUSTED_PROXIES",
)


def page_of_refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    text = error.text.to(get_language())
    response = render(request, "panel/refusal.html", {"text": text, "status": error.status}, status=error.status)
    if retry_after := getattr(error, "retry_after", None):
        response["Retry-After"] = str(retry_after)
    return response


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return page_of_refusal(request, Forbidden(FORGED))
