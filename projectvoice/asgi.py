"""The whole instance as one ASGI application; the only file that joins transports."""

import os
import re
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "projectvoice.settings")

import django

django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs the line above
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from projectvoice.body_limit import BodyLimit, UploadLimit  # noqa: E402
from projectvoice.handler import ThreadedDjango  # noqa: E402
from voice.transports.refusal import refuse_websocket  # noqa: E402
from voice.transports.socketio import engines  # noqa: E402

UPLOAD_PATH = r"^api/attachments/?$"
sockets = [re_path(rf"^{re.escape(path[1:])}/?$", cast("Any", engine)) for path, engine in engines().items()]
rest = cast("Any", ThreadedDjango(settings.REST_THREADS))

application = ProtocolTypeRouter(
    {
        "http": URLRouter(
            [
                *sockets,
                re_path(UPLOAD_PATH, cast("Any", UploadLimit(rest, settings.UPLOAD_LIMIT))),
                re_path(r"", cast("Any", BodyLimit(rest, settings.BODY_LIMIT))),
            ]
        ),
        "websocket": URLRouter([*sockets, re_path(r"", cast("Any", refuse_websocket))]),
    }
)
