"""What is refused before Django is asked: a page of another origin reads it as it reads Django's own answers."""

from http.client import HTTPConnection
from typing import Any

import pytest
from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest, HttpResponse

from projectvoice.body_limit import refuse
from projectvoice.kernel.errors import Unavailable
from tests.conftest import PATIENCE, Instance

OURS, FOREIGN = "http://localhost:3000", "https://elsewhere.example"
CORS = ("access-control-allow-origin", "access-control-expose-headers", "vary")


async def refused(origin: str | None) -> dict[str, str]:
    """The headers of a 503."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost")] + ([(b"origin", origin.encode())] if origin else [])
    scope: Any = {"type": "http", "headers": headers}
    await refuse(scope, send, Unavailable.status, Unavailable.message, retry_after=5)
    assert sent[0]["status"] == 503
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def by_django(origin: str | None) -> dict[str, str]:
    request = HttpRequest()
    request.META |= {"HTTP_HOST": "localhost"} | ({"HTTP_ORIGIN": origin} if origin else {})
    answer = CorsMiddleware(lambda request: HttpResponse())(request)
    return {name.lower(): value for name, value in answer.items()}


@pytest.mark.parametrize("allowed", [[OURS], ["*"]], ids=["one", "star"])
@pytest.mark.parametrize("origin", [OURS, FOREIGN, None])
async def test_a_refusal_says_of_origins_what_django_says(settings, allowed: list[str], origin: str | None):
    settings.CORS_ALLOW_ALL_ORIGINS = "*" in allowed
    settings.CORS_ALLOWED_ORIGINS = [each for each in allowed if each != "*"]
    ours, djangos = await refused(origin), by_django(origin)
    assert ours["retry-after"] == "5"
    if origin is None or (allowed == [OURS] and origin == FOREIGN):
        assert not set(CORS[:2]) & {*ours, *djangos}
    else:
        assert [ours.get(name) for name in CORS[:2]] == [djangos.get(name) for name in CORS[:2]] != [None, None]


@pytest.mark.parametrize("path", ["/api/messages", "/api/attachments", "/socket.io/?EIO=4&transport=polling"])
def test_a_body_that_is_said_to_be_too_large_is_refused_readably(instance: Instance, path: str):
    def announce(origin: str) -> tuple[int, str | None]:
        connection = HTTPConnection("127.0.0.1", instance.port, timeout=PATIENCE)
        connection.putrequest("POST", path)
        for name, value in (("Origin", origin), ("Content-Type", "application/json"), ("Content-Length", str(10**9))):
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        connection.close()
        return answer.status, answer.getheader("Access-Control-Allow-Origin")

    assert announce(OURS) == (413, OURS)
    assert announce(FOREIGN) == (413, None)
