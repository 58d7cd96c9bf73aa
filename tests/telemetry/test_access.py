"""Who may read /metrics."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from projectvoice import environment
from telemetry.exchange import Exchange
from telemetry.page import MetricsPage, silent
from tests.telemetry.conftest import TOKEN, Looked

HERE = {"host": "localhost:5000"}


async def ask(token: str = "", client: str | None = "127.0.0.1", method: str = "GET", **headers: str) -> tuple[int, bytes]:
    page, said = MetricsPage(lambda: Exchange(None), silent, token), []
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def send(message: Any) -> None:
        said.append(message)

    await page({"method": method, "headers": given, "client": client and (client, 1)}, None, send)
    return said[0]["status"], said[1]["body"]


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (200, {"client": "127.0.0.1", "host": "localhost"}),
        (200, {"client": "127.0.0.2", "host": "127.0.0.1:5000"}),
        (200, {"client": "::1", "host": "[::1]:5000"}),
        (200, {"client": "::ffff:127.0.0.1", "host": "localhost"}),
        (403, {"client": "192.0.2.7", **HERE}),
        (403, {"client": None, **HERE}),  # by a socket file: there is a proxy
        (403, {"client": "127.0.0.1", "host": "voice.example.com"}),  # a proxy that says nothing of itself
        (403, {"client": "127.0.0.1", **HERE, "x_forwarded_for": "127.0.0.1"}),
        (403, {"client": "127.0.0.1", **HERE, "x_real_ip": "192.0.2.7"}),
        (403, {"client": "127.0.0.1", **HERE, "forwarded": "for=192.0.2.7"}),
        (403, {"client": "127.0.0.1", **HERE, "via": "1.1 proxy"}),
        (403, {"client": "127.0.0.1"}),
    ],
)
async def test_without_a_token_this_machine_alone(status: int, asked: dict[str, Any]):
    answer = await ask(**asked)
    assert answer[0] == status
    assert (b"projectvoice_process_up" in answer[1]) == (status == 200)


@pytest.mark.parametrize("client", ["127.0.0.1", "192.0.2.7"])
async def test_with_a_token_whoever_shows_it(client: str):
    asked: dict[str, Any] = {"token": TOKEN, "client": client, **HERE}
    assert (await ask(**asked, authorization=f"Bearer {TOKEN}"))[0] == 200
    for wrong in (TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer", f"Basic {TOKEN}", "Bearer \xff"):
        assert (await ask(**asked, authorization=wrong))[0] == 403
    assert (await ask(**asked))[0] == 403


async def test_it_is_only_read():
    assert (await ask(**HERE, method="POST"))[0] == 405
    assert await ask(**HERE, method="HEAD") == (200, b"")


def test_an_instance_keeps_the_door(looked: Looked):
    assert looked.metrics().status_code == 200
    refused = looked.metrics(token="0" * 32)
    assert (refused.status_code, refused.json()["code"]) == (403, 403)
    assert TOKEN not in refused.text


@pytest.mark.parametrize(
    "weak", ["short", "a" * 40, "changeme-changeme-changeme-changeme", "0f1e2d3c4b5a6978 8796a5b4c3d2e1f0ab"]
)
def test_a_weak_token_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, weak: str):
    monkeypatch.setenv("METRICS_TOKEN", weak)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.token("METRICS_TOKEN")
    assert weak not in str(refused.value)
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    assert environment.token("METRICS_TOKEN") == TOKEN
    monkeypatch.delenv("METRICS_TOKEN")
    assert environment.token("METRICS_TOKEN") == ""
