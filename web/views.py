"""The page of the reference web client. It is one static page; everything it shows comes from the API."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

from projectvoice.kernel.exception_handler import NOT_ALLOWED, body

# Seed 000, as written.
SERVICE = {"status": "WebRTC Signaling Server", "version": "1.0"}

PAGE_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "connect-src 'self' ws: wss:",  # 'self' alone does not cover WebSockets in every browser
            "img-src 'self' https: http: data:",  # profile pictures live anywhere
            "media-src 'self' blob: mediastream:",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    ),
    "Permissions-Policy": "microphone=(self), camera=()",
    "Cache-Control": "no-cache",
}


def home(request: HttpRequest) -> HttpResponse:
    """Browsers get the page, everybody else seed 000's answer."""
    if request.method not in {"GET", "HEAD"}:
        response = not_allowed()
    elif "text/html" in request.headers.get("Accept", ""):
        response = page(request)
    else:
        response = JsonResponse(SERVICE)
    patch_vary_headers(response, ["Accept"])
    return response


def invite(request: HttpRequest, token: str) -> HttpResponse:
    """The same page: it reads the token from its own address, and asks the API about it."""
    return page(request) if request.method in {"GET", "HEAD"} else not_allowed()


def page(request: HttpRequest) -> HttpResponse:
    response = render(request, "web/index.html")
    for name, value in PAGE_HEADERS.items():
        response[name] = value
    return response


def not_allowed() -> HttpResponse:
    response = JsonResponse(body(405, NOT_ALLOWED.to(get_language())), status=405)
    response["Allow"] = "GET, HEAD"
    return response
