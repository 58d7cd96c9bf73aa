"""Pushes events to the hooks that asked for them."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from integrations.push.pusher import Pusher
from projectvoice import __version__
from projectvoice.kernel.commands import OperatorCommand
from telemetry import optional, process
from telemetry.running import running

RESOLVERS = 64  # names asked about at a time: some servers of names answer late, or never


class Command(OperatorCommand):
    help = "Push events to event hooks, until SIGTERM or SIGINT. Of several such processes one works, and the others stand by."

    def handle(self, *args: Any, **options: Any) -> None:
        process.call("push")
        try:
            optional.start(settings.SENTRY_DSN, settings.OTLP_ENDPOINT, __version__)
        except optional.CannotObserve as error:
            raise CommandError(str(error)) from error
        asyncio.run(_run())


async def _run() -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(RESOLVERS))
    pushing = asyncio.create_task(Pusher().run())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, pushing.cancel)
    async with running(settings.VOICE_SOCKETS):
        await asyncio.wait([pushing])
    if not pushing.cancelled():
        pushing.result()
