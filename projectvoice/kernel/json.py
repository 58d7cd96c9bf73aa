"""JSON in and out by orjson: strict where the standard library is lax (NaN, lone surrogates, deep nesting)."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from projectvoice.kernel.errors import InvalidInput, Text

NOT_JSON = Text("The body is not valid JSON in UTF-8", "Тело запроса — не JSON в UTF-8")


class JsonParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        charset = dict(part.strip().lower().split("=", 1) for part in (media_type or "").split(";")[1:] if "=" in part)
        if charset.get("charset", "utf-8").strip('"') not in {"utf-8", "utf8"}:
            raise InvalidInput(NOT_JSON)
        data = stream.read()
        if not data.strip():
            return {}  # clients send the header with an empty body where none is needed
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise InvalidInput(NOT_JSON) from error


class BeaconParser(JsonParser):
    """`navigator.sendBeacon` calls a text `text/plain`, whatever it holds."""

    media_type = "text/plain"


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)


class Negotiation(DefaultContentNegotiation):
    """Who accepts nothing of what we have gets it all the same: the contract knows no 406."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        only = renderers[0] if isinstance(renderers, list) and len(renderers) == 1 else None
        if only is not None:  # almost everywhere: what the client would rather have makes no difference
            return only, only.media_type
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            first = next(iter(renderers))
            return first, first.media_type
