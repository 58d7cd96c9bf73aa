"""./run: PostgreSQL, Valkey, migrations, web server, events to hooks; one Ctrl-C stops them in the opposite order.

`manage` goes to manage.py.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from launch.bootstrap import ensure_venv, requirements
from launch.console import LaunchError, UsageError, complain, say, speak
from launch.crew import Crew
from launch.folders import make_data_dir
from launch.listening import bound
from launch.manage import manage
from launch.options import Options, parse_options
from launch.push import Push
from launch.ready import ANYWHERE, ask_web
from launch.services import only_user_of, services
from launch.turn import Turn
from launch.workers import Workers

READY_TIMEOUT = 60.0
LONGEST_FRAME = 262144
WEBSOCKETS = "voice.transports.protocol:WireProtocol"


def main(arguments: Sequence[str]) -> int:
    try:
        if arguments[:1] == ["manage"]:
            return manage(parse_options([], os.environ), arguments[1:])
        options = parse_options(arguments, os.environ)
        speak(options.log_format)
        with bound(options) as listeners:
            make_data_dir(options.data_dir)
            with only_user_of(options.data_dir):
                python = ensure_venv(requirements(os.environ))
                return asyncio.run(supervise(options, python, listeners))
    except UsageError as error:
        complain(str(error))
        return 2
    except LaunchError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        complain("Interrupted.")
        return 130


async def supervise(options: Options, python: Path, listeners: Sequence[socket.socket]) -> int:
    crew = Crew()
    crew.obey_signals()
    try:
        await _serve(options, python, listeners, crew)
    except asyncio.CancelledError:
        if crew.fallen:
            raise LaunchError(f"{crew.fallen}\nEverything else was stopped.") from None
        say("Stopped.")
    return 0


async def _serve(options: Options, python: Path, listeners: Sequence[socket.socket], crew: Crew) -> None:
    async with contextlib.AsyncExitStack() as stack:
        environment = await stack.enter_async_context(services(options, crew))
        await crew.run("prepare", [python, "-m", "launch.prepare"], environment)
        workers = Workers(crew, python, listeners, options.voice_workers, options.data_dir / "voice", environment)
        stack.push_async_callback(workers.stop)
        await workers.start()
        relay = ""
        if options.turn == "on":
            turn = Turn(crew, python, environment)
            stack.push_async_callback(turn.stop)
            await turn.start()
            relay = f"relay on port {options.turn_port}; "
        push = Push(crew, python, {**environment, "VOICE_SOCKETS": str(workers.folder)})
        stack.push_async_callback(push.stop)
        await push.start()
        await _until_ready(options, workers)
        workers.settle()
        crew.renews(partial(workers.renew, partial(_is_ready, options)))
        say(f"ProjectVoice is ready: http://{_shown_host(options.host)}:{options.port}/  ({relay}Ctrl-C stops it)")
        await asyncio.Event().wait()


async def _until_ready(options: Options, workers: Workers) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READY_TIMEOUT
    answer = ""
    while loop.time() < deadline:
        answer = await asyncio.to_thread(ask_web, options)
        if not answer and workers.listening:
            return
        await asyncio.sleep(0.05)
    raise LaunchError(f"The application is not ready after {READY_TIMEOUT:g} s: /readyz answers {answer}")


async def _is_ready(options: Options) -> bool:
    return not await asyncio.to_thread(ask_web, options)


def _shown_host(host: str) -> str:
    if host in ANYWHERE or host in ANYWHERE.values():
        return "localhost"
    return f"[{host}]" if ":" in host else host
