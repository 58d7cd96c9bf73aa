"""A text channel and its owner, for all tests of messages."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from servers.models import Channel
from tests.factories import make_channel, make_server


@pytest.fixture
def channel() -> Channel:
    return make_channel(make_server(), type="text", name="general")


@pytest.fixture
def owner(channel: Channel, api_as: Callable[..., APIClient]) -> APIClient:
    return api_as(channel.server.owner)
