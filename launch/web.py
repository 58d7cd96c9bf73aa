"""One web process: uvicorn on the listening sockets that it inherits. Runs inside .venv: `python -m launch.web FD …`.

All else it reads from the environment. One of several also takes the connections that others hand over. Without
descriptors it is alone and listens itself, as in a container: `python -m launch.web`.
"""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from uvicorn import Config
from uvicorn.config import LOGGING_CONFIG

from launch.console import LaunchError, UsageError, complain
from launch.listening import bound
from launch.options import parse_options
from launch.run import LONGEST_FRAME, WEBSOCKETS
from projectvoice import environment
from projectvoice.seen import PROXIED
from turn.plane.sockets import raise_descriptor_limit
from voice.transports.draining import DrainingServer
from voice.transports.upgrading import UpgradingHttp
from voice.transports.worker import WorkerHttp, WorkerServer

GRACE = 6  # seconds for open requests: longer than any waits (REST_PATIENCE)


def main(descriptors: Sequence[str]) -> int:
    raise_descriptor_limit()  # each connection takes one, and 1024 is the usual soft limit
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket(fileno=int(descriptor))) for descriptor in descriptors]
        try:
            listeners = listeners or stack.enter_context(bound(parse_options([], os.environ)))
        except LaunchError as error:
            complain(str(error))
            return 2 if isinstance(error, UsageError) else 1
        return serve(listeners)


def serve(listeners: list[socket.socket]) -> int:
    several = settings.VOICE_WORKERS > 1
    proxies = environment.words("TRUSTED_PROXIES")
    config = Config(
        "projectvoice.asgi:application",
        http=WorkerHttp if several else UpgradingHttp,
        ws=WEBSOCKETS,
        ws_max_size=LONGEST_FRAME,
        log_level="warning",
        log_config=None if settings.LOG_FORMAT == "json" else LOGGING_CONFIG,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=GRACE,
    )
    config.load()
    if proxies:
        config.loaded_app = _marked(config.loaded_app)
    server = WorkerServer(config) if several else DrainingServer(config)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # what uvicorn raises again once it has ended
    server.run(listeners)
    return 0 if server.started else 1


def _marked(app: Any) -> Any:
    """A request from a trusted proxy brings along what it is to be called (projectvoice/seen.py)."""

    async def marked(scope: Any, receive: Any, send: Any) -> None:
        if (scope.get("client") or ("",))[0] in app.trusted_hosts:
            scope[PROXIED] = True
        await app(scope, receive, send)

    return marked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
