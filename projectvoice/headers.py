"""What every answer over HTTP says to browsers, whoever made it: Django, WhiteNoise, a long poll, a refusal before all of them."""

from typing import Any

from django.conf import settings

# Of what is no page. One says in its own answer what it needs: web/page.py, panel/middleware.py, projectvoice/api_docs.py.
NOTHING_RUNS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
NO_DEVICES = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()"


class SafeHeaders:
    """Adds what an answer does not say itself."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._common = {
            b"x-content-type-options": b"nosniff",
            b"x-frame-options": settings.X_FRAME_OPTIONS.encode(),
            b"referrer-policy": settings.SECURE_REFERRER_POLICY.encode(),
            b"cross-origin-opener-policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY.encode(),
            b"cross-origin-resource-policy": b"same-origin",  # of what pages take without asking by CORS
            b"content-security-policy": NOTHING_RUNS.encode(),
            b"permissions-policy": NO_DEVICES.encode(),
            b"cache-control": b"no-store",  # answers of the API hold tokens and what people wrote
        }
        self._by_tls = {**self._common, b"strict-transport-security": b"max-age=%d" % settings.SECURE_HSTS_SECONDS}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # The scheme is the connection's, or what a listed proxy says (TRUSTED_PROXIES).
        by_tls = scope.get("scheme") == "https" and settings.SECURE_HSTS_SECONDS
        wanted = self._by_tls if by_tls else self._common

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                said = [*message.get("headers", ())]
                names = {name.lower() for name, _ in said}
                message = {**message, "headers": said + [item for item in wanted.items() if item[0] not in names]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
