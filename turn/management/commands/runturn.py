"""Runs the STUN/TURN relay. Needs no database; whoever sets TURN_ variables can run it anywhere."""

import argparse
import asyncio
import os
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from projectvoice import __version__
from telemetry import optional, process
from turn.configuration import Configuration
from turn.people import look_after
from turn.process import CannotStart, Companion, run
from turn.tls import BadCertificate

COMPANIONS: Sequence[Companion] = (look_after,)
BAD_USAGE = 2


class Command(BaseCommand):
    help = "Run the STUN/TURN relay. SIGTERM ends it gracefully, SIGINT at once. Settings come by TURN_ variables, or:"
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        port, least_one, number = _number(1, 65535), _number(1, 64), _number(0, 86_400)
        own_port = _number(0, 65535)
        parser.add_argument("--port", dest="TURN_PORT", type=port, help="UDP and TCP")
        parser.add_argument("--tls-port", dest="TURN_TLS_PORT", type=port, help="TLS, if there is a certificate")
        parser.add_argument("--listen", dest="TURN_LISTEN_ADDRESSES", type=_address, nargs="+", help="addresses for clients")
        parser.add_argument("--relay", dest="TURN_RELAY_ADDRESSES", type=_address, nargs="+", help="addresses for peers")
        parser.add_argument("--workers", dest="TURN_WORKERS", type=least_one, help="threads that carry media")
        parser.add_argument("--plane", dest="TURN_PLANE", choices=("auto", "native", "portable"), help="what carries media")
        parser.add_argument("--drain-seconds", dest="TURN_DRAIN_SECONDS", type=number, help="how long SIGTERM waits")
        parser.add_argument("--metrics-port", dest="TURN_METRICS_PORT", type=own_port, help="on loopback; 0: none")
        parser.add_argument("--ready-fd", type=int, help="descriptor that is written to and closed once it serves")

    def handle(self, *args: Any, ready_fd: int | None, **options: Any) -> None:
        process.call("turn")
        chosen = {name: value for name, value in options.items() if name.startswith("TURN_")}

        def ready() -> None:
            if ready_fd is not None:
                os.write(ready_fd, b"ready\n")
                os.close(ready_fd)

        try:
            configuration = Configuration.read(settings, **chosen)
            optional.start(settings.SENTRY_DSN, settings.OTLP_ENDPOINT, __version__)
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(run(configuration, COMPANIONS, ready))
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=BAD_USAGE) from error
        except (CannotStart, BadCertificate, optional.CannotObserve) as error:
            raise CommandError(str(error)) from error


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, which TLS is twice as fast on, where it can be had."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _number(least: int, most: int) -> Any:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, not {text!r}")
        return int(text)

    return parse


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an IP address, not {text!r}") from None
