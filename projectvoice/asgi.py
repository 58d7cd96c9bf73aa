"""The whole instance as one ASGI application; the only file that joins transports."""

import gc
import os
import sys
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "projectvoice.settings")

import django

gc.disable()  # until all is made: of that nothing is garbage
django.setup()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - needs the line above
from django.conf import settings  # noqa: E402

import live.metrics  # noqa: E402
import voice.transports.metrics  # noqa: E402
from live.company import Company  # noqa: E402
from projectvoice import __version__  # noqa: E402
from projectvoice.body_limit import BodyLimit, UploadLimit  # noqa: E402
from projectvoice.handler import ThreadedDjango  # noqa: E402
from projectvoice.headers import SafeHeaders  # noqa: E402
from projectvoice.metrics import shared, watch_threads  # noqa: E402
from telemetry import optional, process  # noqa: E402
from telemetry.exchange import Exchange  # noqa: E402
from telemetry.page import MetricsPage  # noqa: E402
from telemetry.running import running  # noqa: E402
from timelines.chronicle import Chronicle  # noqa: E402
from voice.transports import backstage  # noqa: E402
from voice.transports.crowd import crowd  # noqa: E402
from voice.transports.socketio import engines  # noqa: E402
from voice.transports.switchboard import switchboard  # noqa: E402
from voice.transports.websocket import CallSocket  # noqa: E402

process.call(f"web-{settings.VOICE_WORKER}")
try:
    optional.start(settings.SENTRY_DSN, settings.OTLP_ENDPOINT, __version__)
except optional.CannotObserve as error:
    sys.exit(str(error))
crowd.most = settings.MAX_CONNECTIONS_PER_ADDRESS if settings.RATE_LIMITS else None
switchboard.companion = company = Company(switchboard)
switchboard.witness = Chronicle()
sockets: dict[str, Any] = dict(engines())
django_app = ThreadedDjango(settings.REST_THREADS)
rest = BodyLimit(cast("Any", django_app), settings.BODY_LIMIT)
uploads = UploadLimit(cast("Any", django_app), settings.UPLOAD_LIMIT)
call_sockets: Any = CallSocket.as_asgi()
exchange = Exchange(None)  # until the server has a lifespan, if it ever has
metrics = MetricsPage(lambda: exchange, shared, settings.METRICS_TOKEN)
HTTP = {**sockets, "/api/attachments": uploads, "/metrics": metrics}
watch_threads(django_app)
voice.transports.metrics.watch(switchboard)
live.metrics.watch(company)


async def http(scope: Any, receive: Any, send: Any) -> None:
    await HTTP.get(scope["path"].rstrip("/"), rest)(scope, receive, send)


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    await sockets.get(scope["path"].rstrip("/"), call_sockets)(scope, receive, send)


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    global exchange
    async with running(settings.VOICE_SOCKETS) as exchange:
        await backstage.lifespan(scope, receive, send)


application = ProtocolTypeRouter({"http": SafeHeaders(http), "websocket": websocket, "lifespan": lifespan})

# What was made so far stays: the collector need not walk through it again. It takes small steps, since calls wait meanwhile, and
# seldom walks through everybody who is there (decision 0080).
gc.collect()
gc.freeze()
gc.set_threshold(2_000, 5, 1_000)
gc.enable()
# Requests compute in threads beside the loop of the calls: it does not wait 5 ms for each of its turns until one lets it go.
sys.setswitchinterval(0.0005)
