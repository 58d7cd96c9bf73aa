"""A text channel and its owner, for all tests of messages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient

from servers.models import Channel
from tests.factories import make_channel, make_server


@pytest.fixture
def channel() -> Channel:
    return make_channel(make_server(), type="text", name="general")


@pytest.fixture
def owner(channel: Channel, api_as: Callable[..., APIClient]) -> APIClient:
    return api_as(channel.server.owner)


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Callable[[], list[Path]]:
    """An empty folder for uploads of this test, and what lies in it."""
    local = settings.STORAGES["default"]
    options = {**local["OPTIONS"], "location": tmp_path}
    settings.STORAGES = {**settings.STORAGES, "default": {**local, "OPTIONS": options}}
    return lambda: sorted(path for path in tmp_path.rglob("*") if path.is_file())


@pytest.fixture
def upload(channel: Channel) -> Callable[..., Response]:
    """`upload(client)`: a small text file into the channel; the answer."""

    def send(
        client: APIClient, content: bytes = b"hello", name: str = "a.txt", type: str = "text/plain", **fields: object
    ) -> Response:
        file = SimpleUploadedFile(name, content, type)
        return client.post("/api/attachments", {"channelId": channel.pk, "file": file, **fields}, format="multipart")

    return send
