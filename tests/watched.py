"""A process whose words can be waited for."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

LONG = 120.0  # seconds until what does not come is missed


class Watched:
    def __init__(self, command: Sequence[str | os.PathLike[str]], environment: Mapping[str, str], **more: Any) -> None:
        self._process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def until(self, said: str | Callable[[], object], within: float = LONG) -> None:
        """Waits for a line that holds this, or for this to be true of the output."""
        true = (lambda: said in self.output) if isinstance(said, str) else said
        with self._news:
            self._news.wait_for(lambda: true() or not self._reader.is_alive(), within)
        assert true(), self.output

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def status(self, timeout: float = LONG) -> int:
        status = self._process.wait(timeout)
        self._reader.join(timeout)
        return status

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self.status()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.lines.append(line.rstrip())
                self._news.notify_all()
        with self._news:
            self._news.notify_all()
