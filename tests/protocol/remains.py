"""The whole instance, whose collector does nothing: what is in cycles stays. `/remains` tells how much there is of what makes up
connections and requests, by type.
"""

import gc
from collections import Counter
from typing import Any

import orjson

from projectvoice import asgi

gc.disable()
COUNTED = tuple(
    f"<class '{room}."
    for room in (
        "voice.dialects",
        "voice.transports",
        "voice.wire",
        "live",
        "servers.api",
        "rest_framework",
        "django.http",
        "django.core",
    )
)


def remains() -> Counter[str]:
    return Counter(name for name in (str(type(one)) for one in gc.get_objects()) if name.startswith(COUNTED))


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope.get("path") != "/remains":
        return await asgi.application(scope, receive, send)
    body = orjson.dumps(remains())
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    return await send({"type": "http.response.body", "body": body})
