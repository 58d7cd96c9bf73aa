"""What only browsers do of the SDK: served by the instance itself, it tells how far an upload is, and gives one up."""

from collections.abc import Callable
from typing import Any

from tests.conftest import Instance
from tests.e2e.people import Person

PREPARE = """
  const { Client } = await import("/static/sdk/index.js");
  const client = new Client({ token });
  const file = new File([new Uint8Array(3_000_000)], "noise.bin");
  const shares = [];
"""
UPLOAD = (
    "async ({ token, channelId }) => {"
    + PREPARE
    + """
  const { size, filename } = await client.upload(file, { channelId, onProgress: (share) => shares.push(share) });
  return { size, filename, shares };
}"""
)
REFUSED = (
    "async ({ token, channelId }) => {"
    + PREPARE
    + """
  const error = await client.upload(file, { channelId, onProgress() {} }).catch((error) => error);
  return { name: error.name, status: error.status, message: error.message };
}"""
)
GIVEN_UP = (
    "async ({ token, channelId }) => {"
    + PREPARE
    + """
  const controller = new AbortController();
  const upload = client.upload(file, { channelId, signal: controller.signal, onProgress: () => controller.abort() });
  return upload.catch((error) => error.name);
}"""
)


def test_an_upload_tells_how_far_it_is_and_can_be_given_up(person: Callable[..., Person], instance: Instance) -> None:
    owner = instance.sign_up("owner")
    server = instance.api("POST", "/servers", owner["token"], name="Server").json()["id"]
    channel = instance.api("POST", f"/servers/{server}/channels", owner["token"], name="talk", type="text").json()["id"]
    visitor = person("Visitor")
    visitor.open()

    def run(script: str, **about: Any) -> Any:
        return visitor.page.evaluate(script, {"token": owner["token"], "channelId": channel} | about)

    told = run(UPLOAD)
    assert (told["size"], told["filename"]) == (3_000_000, "noise.bin")
    assert told["shares"] == sorted(told["shares"])
    assert told["shares"][-1] == 1
    refused = run(REFUSED, channelId=2**40)
    assert (refused["name"], refused["status"], refused["message"]) == ("ApiError", 404, "Channel not found")
    assert run(GIVEN_UP) == "AbortError"
