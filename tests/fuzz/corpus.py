"""The inputs that are kept: a file for each target, an input a line, as Python writes bytes."""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from sys import gettrace, settrace
from types import FrameType
from typing import Any

FOLDER = Path(__file__).with_name("corpus")
ROOMS = tuple(str(Path(__file__).parents[2] / room) + "/" for room in ("turn", "voice"))
LONGEST = 2048
"""Bytes of an input that is worth keeping."""


def path_of(target: str) -> Path:
    return FOLDER / f"{target}.txt"


def load(target: str) -> list[bytes]:
    path = path_of(target)
    return [ast.literal_eval(line) for line in path.read_text().splitlines()] if path.is_file() else []


def save(target: str, inputs: Iterable[bytes]) -> None:
    lines = [repr(data) for data in sorted(set(inputs), key=lambda data: (len(data), data))]
    path_of(target).write_text("".join(f"{line}\n" for line in lines))


def smallest(run: Callable[[bytes], None], inputs: Iterable[bytes]) -> list[bytes]:
    """Of these inputs the shortest that together go every way through our code that all of them go: from line to line."""
    kept: list[bytes] = []
    known: set[Any] = set()
    for data in sorted(set(inputs), key=lambda data: (len(data), data)):
        ways = _ways(run, data)
        if not ways <= known:
            known |= ways
            kept.append(data)
    return kept


def _ways(run: Callable[[bytes], None], data: bytes) -> set[Any]:
    ways: set[Any] = set()

    def called(frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(ROOMS):
            return None
        code, before = frame.f_code, 0

        def stepped(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            ways.add((code, before, frame.f_lineno, event == "exception"))
            before = frame.f_lineno
            return stepped

        return stepped

    traced = gettrace()
    settrace(called)
    try:
        run(data)
    finally:
        settrace(traced)
    return ways
