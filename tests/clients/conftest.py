"""The SDK in a process of node, and the folder it lies in."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from typing import Any

import pytest

from tests.conftest import PATIENCE, ROOT, Instance

SDK = ROOT / "clients" / "js"


class Refused(Exception):
    """An ApiError of the SDK's; `told` are its fields."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["message"])
        self.told = told


class Program:
    """clients/js/tests/driver.mjs: one Client, and one Live after `do("live", …)`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[tuple[str, Any]] = []
        self._numbers = count()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Condition()
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            told = json.loads(line)
            if "heard" in told:
                async with self._news:
                    self.heard.append((told["heard"], told["event"]))
                    self._news.notify_all()
            elif "error" in told:
                self._answers.pop(told["id"]).set_exception(Refused(told["error"]))
            else:
                self._answers.pop(told["id"]).set_result(told["answer"])

    async def do(self, deed: str, *args: Any) -> Any:
        """What the SDK answers, or raise what it throws."""
        assert self.process.stdin
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self.process.stdin.write(json.dumps({"id": number, "do": deed, "args": args}).encode() + b"\n")
        return await asyncio.wait_for(answer, PATIENCE)

    def all(self, name: str) -> list[Any]:
        return [event for heard, event in self.heard if heard == name]

    async def until(self, name: str, number: int = 1) -> Any:
        """The `number`th event of that name."""
        try:
            async with asyncio.timeout(PATIENCE), self._news:
                await self._news.wait_for(lambda: len(self.all(name)) >= number)
        except TimeoutError:
            raise AssertionError(f"no {name} number {number}, but {str(self.heard)[:2000]}") from None
        return self.all(name)[number - 1]


Begin = Callable[..., Awaitable[Program]]


@pytest.fixture(scope="session")
def node() -> str:
    """The node program, with what the SDK is made and tested with."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed: the JavaScript SDK cannot be tested")
    if not (SDK / "node_modules" / "typescript").is_dir():
        pytest.skip(f"the SDK's tools are not installed: run `npm ci` in {SDK}")
    return program


@pytest.fixture
async def begin(node: str, instance: Instance) -> AsyncIterator[Begin]:
    """`await begin(user)`: a program of its own, signed in as that user. All end with the test."""
    programs: list[Program] = []

    async def begun(user: dict | None = None, instance: Instance = instance) -> Program:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            node, "tests/driver.mjs", instance.url, cwd=SDK, stdin=pipe, stdout=pipe, limit=2**22
        )
        programs.append(program := Program(process))
        if user:
            await program.do("use", user["token"])
        return program

    yield begun
    for program in programs:
        assert program.process.stdin
        program.process.stdin.close()
        try:
            await asyncio.wait_for(program.process.wait(), 3)
        except TimeoutError:
            program.process.kill()
            await program.process.wait()
        await program.reading
