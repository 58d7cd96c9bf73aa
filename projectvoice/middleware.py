"""What every request passes on its way in, beside Django's own."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from projectvoice.kernel.address import acting_from, address_of

Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


PROBES = frozenset({"/api/health", "/readyz"})


@sync_and_async_middleware
def ProbeMiddleware(get_response: Handler) -> Handler:
    """Health checks are answered by whatever name they ask: a proxy knows us by our address, not by `ALLOWED_HOSTS`."""

    def middleware(request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if request.path_info.rstrip("/") in PROBES:
            request.get_host = lambda: "localhost"  # type: ignore[method-assign]
        return get_response(request)

    return markcoroutinefunction(middleware) if iscoroutinefunction(get_response) else middleware


@sync_and_async_middleware
def TrailingSlashMiddleware(get_response: Handler) -> Handler:
    """Makes every path work with and without its trailing slash, for every method, without a redirect."""

    def middleware(request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if len(request.path_info) > 1 and request.path_info.endswith("/"):
            request.path_info = request.path_info[:-1]
        return get_response(request)

    return markcoroutinefunction(middleware) if iscoroutinefunction(get_response) else middleware


@sync_and_async_middleware
def AddressMiddleware(get_response: Any) -> Handler:
    """Lets all that is done for a request know where it came from."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with acting_from(address_of(request)):
            return get_response(request)

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        with acting_from(address_of(request)):
            return await get_response(request)

    return async_middleware if iscoroutinefunction(get_response) else middleware


class NoContentCorsMiddleware(CorsMiddleware):
    """A preflight has nothing to say but its headers."""

    def check_preflight(self, request: HttpRequest) -> HttpResponseBase | None:
        response: HttpResponseBase | None = super().check_preflight(request)
        if response is not None:
            response.status_code = 204
            del response["Content-Length"]
        return response
