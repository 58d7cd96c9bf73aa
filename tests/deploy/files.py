"""The files of deploy/, read as the programs read them that they are written for."""

import os
import re
import shlex
import shutil
from collections.abc import Mapping
from json import loads
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
ENVIRONMENT = {"SITE": "voice.example.com", "ADMIN_EMAIL": "admin@example.com"}  # of deploy/.env, all that must be there
_VARIABLE = re.compile(r"\$\{(\w+)(?:(:-|:\?)([^}]*))?\}")


def compose(environment: Mapping[str, str] = ENVIRONMENT) -> dict[str, Any]:
    """compose.yaml with its variables filled in. One that must be given and is not is a KeyError."""

    def value(match: re.Match[str]) -> str:
        name, how, other = match.groups()
        return environment.get(name) or other if how == ":-" else environment[name]

    def filled_in(part: Any) -> Any:
        match part:
            case str():
                return _VARIABLE.sub(value, part)
            case list():
                return [filled_in(one) for one in part]
            case dict():
                return {name: filled_in(one) for name, one in part.items()}
        return part

    document: dict[str, Any] = filled_in(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))
    return document


class Image(NamedTuple):
    """The last stage of the Dockerfile."""

    environment: dict[str, str]
    health: list[str]
    command: list[str]
    user: str
    workdir: str


def dockerfile() -> list[tuple[str, str]]:
    """Its instructions, continued lines joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(word, rest.strip()) for line in lines if line.strip() for word, _, rest in [line.partition(" ")]]


def image() -> Image:
    instructions = dockerfile()
    last = max(at for at, (word, _) in enumerate(instructions) if word == "FROM")
    stage = instructions[last:]
    one = dict(stage)
    pairs = [pair.partition("=") for word, rest in stage if word == "ENV" for pair in shlex.split(rest)]
    environment = {name: value for name, _, value in pairs}
    health = loads(one["HEALTHCHECK"].partition("CMD ")[2])
    return Image(environment, health, loads(one["CMD"]), one["USER"], one["WORKDIR"])


def lay_out(context: Path) -> None:
    """What `COPY . /app` copies."""
    rules = [
        (line.removeprefix("!"), line.startswith("!"))
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    compiled = [(re.compile(f"{_expression(pattern)}(/.*)?"), kept) for pattern, kept in rules]

    def left_out(path: str) -> bool:
        said = [kept for pattern, kept in compiled if pattern.fullmatch(path)]
        return bool(said) and not said[-1]

    for folder, folders, names in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        inner = {name: (here / name).as_posix() for name in folders}
        again = [pattern for pattern, kept in rules if kept]
        folders[:] = [name for name, path in inner.items() if not left_out(path) or any(p.startswith(path) for p in again)]
        for name in names:
            if not left_out((here / name).as_posix()):
                (context / here).mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / here / name, context / here / name)


def check_out(folder: Path) -> None:
    """What an operator has: that, and deploy/ without what he writes into it."""
    lay_out(folder)
    shutil.copytree(DEPLOY, folder / "deploy", ignore=shutil.ignore_patterns(".env", "secrets", "certificates"))


def _expression(pattern: str) -> str:
    """A regular one of a pattern of .dockerignore."""
    return re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
