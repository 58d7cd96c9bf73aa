"""Writes what the JavaScript SDK knows of this server: types of the REST API, and of the events in the catalogue."""

import json
import shutil
import subprocess
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rest_framework.serializers import Serializer

from events.words import KINDS, Audience, Kind
from servers.serializers import ServerHeadOutput

SDK: Path = settings.BASE_DIR / "clients" / "js"
PLACE: Mapping[Audience, str] = {
    Audience.SERVER: "serverId: number",
    Audience.CHANNEL: "serverId?: number; channelId: number",
    Audience.USER: "serverId?: number; channelId?: number",
}
PLAIN: Mapping[str, str] = {"integer": "number", "string": "string", "boolean": "boolean"}
# What events alone say, as a part of what REST says.
PARTS: Mapping[str, tuple[str, type[Serializer[Any]]]] = {"ServerHead": ("ServerOutput", ServerHeadOutput)}
HEAD = """\
// Made by `manage.py sdk_types` from the catalogue of events.

import type { Schemas } from "./rest.d.ts";

/** `seq` is its place in the log, `at` when it was announced. */
interface Logged { seq: number; at: string }

export interface LoggedEvents {
"""


class Command(BaseCommand):
    help = "Write the types of the JavaScript SDK; --check only says whether they are what they should be. Needs node."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        document = openapi_document()
        types = {
            "schema.d.ts": rest_types(document),
            "events.d.ts": event_types(json.loads(document)["components"]["schemas"]),
        }
        for name, text in types.items():
            path = SDK / "types" / name
            if options["check"] and path.read_text() != text:
                raise CommandError(f"{path.relative_to(settings.BASE_DIR)} is not of now: run `manage.py sdk_types`")
            path.write_text(text)


def openapi_document() -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "schema.json"
        call_command("spectacular", format="openapi-json", file=str(path))
        return path.read_text()


def rest_types(document: str) -> str:
    node = shutil.which("node")
    if node is None or not (SDK / "node_modules").is_dir():
        raise CommandError(f"Needs node, and `npm ci` in {SDK}")
    try:
        return subprocess.run(
            [node, "generate.mjs"], cwd=SDK, input=document, capture_output=True, text=True, check=True
        ).stdout
    except subprocess.CalledProcessError as error:
        raise CommandError(error.stderr) from error


def event_types(schemas: Mapping[str, Any]) -> str:
    told = {name: kind for name, kind in KINDS.items() if kind.audience is not Audience.NOBODY}
    return HEAD + "".join(f'  "{name}": {_event(kind, schemas)};\n' for name, kind in told.items()) + "}\n"


def _event(kind: Kind, schemas: Mapping[str, Any]) -> str:
    payload = {key: _type(name, schemas) for key, name in kind.payload.items()}
    place = [part for part in PLACE[kind.audience].split("; ") if part.partition(":")[0].rstrip("?") not in payload]
    return f"Logged & {{ {'; '.join([*place, *(f'{key}: {value}' for key, value in payload.items())])} }}"


def _type(name: str, schemas: Mapping[str, Any]) -> str:
    one = name.removesuffix("[]")
    if one in PLAIN:
        return PLAIN[one] + name[len(one) :]
    whole, part = PARTS.get(one, (f"{one}Output", None))
    if whole not in schemas:
        raise CommandError(f"The catalogue says {one}, which the OpenAPI document does not describe")
    keys = " | ".join(f'"{key}"' for key in part().fields) if part else ""
    return (f'Pick<Schemas["{whole}"], {keys}>' if keys else f'Schemas["{whole}"]') + name[len(one) :]
