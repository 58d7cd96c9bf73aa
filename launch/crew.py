"""The processes of one start: begun together, watched together, none of them outlives the others."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from launch.console import LaunchError, say
from launch.options import ROOT

Command = Sequence[str | Path]

SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)
LONGEST_LINE = 1 << 20
LINES_KEPT = 15  # of each child, to be shown when it fails


class Child:
    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        *,
        stop_signal: signal.Signals,
        quiet: bool,
        lines_kept: int | None,
    ):
        self.name = name
        self.process = process
        self.last_lines: deque[str] = deque(maxlen=lines_kept)
        self.expected_to_end = False
        self._stop_signal = stop_signal
        self.quiet = quiet
        self._output = asyncio.create_task(self._read_output())

    async def _read_output(self) -> None:
        stream = self.process.stdout
        while stream is not None:
            try:
                line = await stream.readline()
            except ValueError:  # longer than LONGEST_LINE; what was read of it is dropped
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            self.last_lines.append(text)
            if not self.quiet:
                say(f"{self.name} | {text}")

    async def wait(self) -> int:
        status = await self.process.wait()
        # A grandchild may hold the pipe open for ever.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._output), 1)
        return status

    async def stop(self, grace: float) -> None:
        self.expected_to_end = True
        if self.process.returncode is None:
            self.signal(self._stop_signal)
            try:
                await asyncio.wait_for(self.process.wait(), grace)
            except TimeoutError:
                say(f"{self.name} did not stop within {grace:g} s and is killed.")
                self.kill()
        await self.wait()

    def signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def kill(self) -> None:
        """With everything it started: each child leads its own process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Crew:
    """Belongs to the task that makes it, and cancels that task once: on a signal, or when a child ends by itself.

    The task's own context managers then stop the children in order; nothing interrupts them but a third signal.
    """

    def __init__(self) -> None:
        self.fallen: str = ""
        self._task = asyncio.current_task()
        self._children: list[Child] = []
        self._watchers: set[asyncio.Task[None]] = set()
        self._signals = 0
        self._stopping = False
        self._renew: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._renewal: asyncio.Task[None] | None = None

    def obey_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # started under nohup
            loop.add_signal_handler(number, self._on_signal)
        loop.add_signal_handler(signal.SIGUSR1, self._on_renewal)

    def renews(self, renew: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """What SIGUSR1 is for, from now on; before it is for nothing. One renewal at a time."""
        self._renew = renew

    def _on_renewal(self) -> None:
        if self._renew is None or self._renewal is not None or self._stopping:
            say("Nothing can be renewed now.")
            return
        self._renewal = asyncio.create_task(self._renew())
        self._renewal.add_done_callback(self._renewed)

    def _renewed(self, renewal: asyncio.Task[None]) -> None:
        self._renewal = None

    def _on_signal(self) -> None:
        self._signals += 1
        if self._signals == 1:
            self._stop()
        elif self._signals == 2:
            say("Still stopping; once more kills everything.")
        else:
            for child in self._children:
                if child.process.returncode is None:
                    child.kill()
            os._exit(130)

    def _stop(self) -> None:
        if not self._stopping and self._task is not None:
            self._stopping = True
            if self._renewal is not None:
                self._renewal.cancel()
            self._task.cancel()

    async def start(
        self,
        name: str,
        command: Command,
        environment: Mapping[str, str],
        *,
        quiet: bool = False,
        lines_kept: int | None = LINES_KEPT,
        talks_to_terminal: bool = False,
        stdin: IO[bytes] | None = None,
        user: tuple[int, int] | None = None,
        cwd: Path = ROOT,
        inherited: Sequence[int] = (),
        stop_signal: signal.Signals = signal.SIGTERM,
        orphan_signal: signal.Signals = signal.SIGKILL,
    ) -> Child:
        """A process in a session of its own, so that the terminal's Ctrl-C reaches this supervisor alone.

        `orphan_signal` is what it gets when the supervisor itself is killed (Linux only).
        `user` is a pair of uid and gid to run as; `inherited` are descriptors that it gets under the same numbers.
        """
        output = None if talks_to_terminal else asyncio.subprocess.PIPE
        source = None if talks_to_terminal else stdin or asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=source,
            stdout=output,
            stderr=output and asyncio.subprocess.STDOUT,
            env=environment,
            cwd=cwd,
            limit=LONGEST_LINE,
            start_new_session=True,
            pass_fds=inherited,
            preexec_fn=_die_with_parent(orphan_signal),
            user=user and user[0],
            group=user and user[1],
            extra_groups=user and [],
        )
        child = Child(name, process, stop_signal=stop_signal, quiet=quiet, lines_kept=lines_kept)
        self._children = [*(other for other in self._children if other.process.returncode is None), child]
        return child

    def watch(self, child: Child) -> None:
        """From now on its end, unless asked for, is the end of all."""
        watcher = asyncio.create_task(self._watch(child))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    async def _watch(self, child: Child) -> None:
        status = await child.wait()
        if not child.expected_to_end:
            self.fall(ending(child, status))

    def fall(self, how: str) -> None:
        """The end of all, unless it has begun."""
        if not self._stopping:
            self.fallen = how
            self._stop()

    async def run(
        self,
        name: str,
        command: Command,
        environment: Mapping[str, str],
        *,
        quiet: bool = False,
        user: tuple[int, int] | None = None,
        cwd: Path = ROOT,
        stdin: IO[bytes] | None = None,
    ) -> None:
        """Wait for its end; raises LaunchError when it fails."""
        child = await self.start(name, command, environment, quiet=quiet, user=user, cwd=cwd, stdin=stdin)
        try:
            status = await child.wait()
        finally:
            await child.stop(grace=2)
        if status:
            raise LaunchError(ending(child, status))


def ending(child: Child, status: int, then: str = "") -> str:
    """How it ended, what comes `then`, and what it said last if nobody has read it yet."""
    how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with exit code {status}"
    last = "".join(f"\n    {line}" for line in child.last_lines) if child.quiet else ""
    return f"{child.name} {how}.{then}{' Its last lines:' + last if last else ''}"


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask_kernel() -> None:
        libc.prctl(SET_PARENT_DEATH_SIGNAL, int(number))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel
