"""The whole instance as one ASGI application; the only file that joins transports."""

import gc
import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "projectvoice.settings")

import django

django.setup()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - needs the line above
from django.conf import settings  # noqa: E402

from live.company import Company  # noqa: E402
from projectvoice.body_limit import BodyLimit, UploadLimit  # noqa: E402
from projectvoice.handler import ThreadedDjango  # noqa: E402
from projectvoice.headers import SafeHeaders  # noqa: E402
from timelines.chronicle import Chronicle  # noqa: E402
from voice.transports.backstage import lifespan  # noqa: E402
from voice.transports.crowd import crowd  # noqa: E402
from voice.transports.socketio import engines  # noqa: E402
from voice.transports.switchboard import switchboard  # noqa: E402
from voice.transports.websocket import CallSocket  # noqa: E402

crowd.most = settings.MAX_CONNECTIONS_PER_ADDRESS if settings.RATE_LIMITS else None
switchboard.companion, switchboard.witness = Company(switchboard), Chronicle()
sockets: dict[str, Any] = dict(engines())
django_app = ThreadedDjango(settings.REST_THREADS)
rest = BodyLimit(cast("Any", django_app), settings.BODY_LIMIT)
uploads = UploadLimit(cast("Any", django_app), settings.UPLOAD_LIMIT)
call_sockets: Any = CallSocket.as_asgi()
HTTP = {**sockets, "/api/attachments": uploads}


async def http(scope: Any, receive: Any, send: Any) -> None:
    await HTTP.get(scope["path"].rstrip("/"), rest)(scope, receive, send)


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    await sockets.get(scope["path"].rstrip("/"), call_sockets)(scope, receive, send)


application = ProtocolTypeRouter({"http": SafeHeaders(http), "websocket": websocket, "lifespan": lifespan})

# What was made so far stays: the collector need not walk through it again, and looks less often for cycles, of which a
# request leaves few.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
