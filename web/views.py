"""The page of the reference web client. It is one static page; everything it shows comes from the API."""

from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

from projectvoice.kernel.exception_handler import NOT_ALLOWED, body
from web.page import headers, import_map, modules, styles

# Seed 000, as written.
SERVICE = {"status": "WebRTC Signaling Server", "version": "1.0"}


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


def place(request: HttpRequest, **where: str) -> HttpResponse:
    """The same page, whatever the address says: the client reads it."""
    return page(request) if request.method in {"GET", "HEAD"} else not_allowed()


def page(request: HttpRequest) -> HttpResponse:
    text, about = document()
    policy = about["Content-Security-Policy"].format(host=request.get_host())
    return HttpResponse(text, headers={**about, "Content-Security-Policy": policy})


@cache
def document() -> tuple[str, dict[str, str]]:
    """The same for everybody, for as long as the process lives."""
    imports = import_map()
    text = render_to_string("web/index.html", {"import_map": imports, "modules": modules(), "styles": styles()})
    return text, headers(imports)


def not_allowed() -> HttpResponse:
    response = JsonResponse(body(405, NOT_ALLOWED.to(get_language())), status=405)
    response["Allow"] = "GET, HEAD"
    return response
