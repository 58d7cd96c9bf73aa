"""The SDK's requests against a real instance."""

import pytest

from tests.clients.conftest import Begin, Refused
from tests.conftest import Instance


async def test_a_session_is_begun_used_and_ended(begin: Begin, instance: Instance):
    user = instance.sign_up("ann")["user"]
    program = await begin()
    signed_in = await program.do("login", {"email": user["email"], "password": "password123"})
    assert signed_in["user"]["id"] == user["id"]
    assert (await program.do("me"))["username"] == user["username"]
    await program.do("logout")
    with pytest.raises(Refused) as refused:
        await program.do("me")
    assert refused.value.told["status"] == 401
    await program.do("use", signed_in["token"])
    with pytest.raises(Refused):
        await program.do("me")
    assert program.all("signed-out") == [None]


async def test_a_wrong_password_is_an_error_in_the_servers_words(begin: Begin, instance: Instance):
    email = instance.sign_up("ann")["user"]["email"]
    program = await begin()
    with pytest.raises(Refused) as refused:
        await program.do("login", {"email": email, "password": "wrong password"})
    expected = instance.api("POST", "/auth/login", email=email, password="wrong password")
    assert (refused.value.told["status"], str(refused.value)) == (expected.status_code, expected.json()["error"])


async def test_a_new_account_makes_a_server_and_reads_two_pages_of_messages(begin: Begin, instance: Instance):
    program = await begin()
    name = f"sdk-{instance.port}"
    await program.do("register", {"username": name, "email": f"{name}@example.com", "password": "password123"})
    server = await program.do("post", "/api/servers", {"name": "Server"})
    channel = await program.do("post", f"/api/servers/{server['id']}/channels", {"name": "talk", "type": "text"})
    for number in range(5):
        await program.do("post", "/api/messages", {"channelId": channel["id"], "content": f"message {number} & все"})
    pages = [
        await program.do("get", "/api/messages", {"channelId": channel["id"], "limit": 3, "page": page}) for page in (1, 2)
    ]
    assert [[message["content"][:9] for message in page["messages"]] for page in pages] == [
        ["message 2", "message 3", "message 4"],
        ["message 0", "message 1"],
    ]
    found = await program.do("get", "/api/messages/search", {"channelId": channel["id"], "query": "3 & все"})
    assert [message["content"] for message in found["messages"]] == ["message 3 & все"]
    assert await program.do("delete", f"/api/servers/{server['id']}") is None


async def test_a_file_is_uploaded_and_taken_by_a_message(begin: Begin, instance: Instance):
    owner = instance.sign_up("owner")
    server = instance.api("POST", "/servers", owner["token"], name="Server").json()["id"]
    channel = instance.api("POST", f"/servers/{server}/channels", owner["token"], name="talk", type="text").json()["id"]
    program = await begin(owner)
    file = await program.do("upload", "мяу", "text/plain", {"channelId": channel, "filename": "кот.txt"})
    assert (file["filename"], file["size"]) == ("кот.txt", 6)
    message = await program.do("post", "/api/messages", {"channelId": channel, "content": "", "attachmentIds": [file["id"]]})
    assert [one["id"] for one in message["attachments"]] == [file["id"]]
    with pytest.raises(Refused) as refused:
        await program.do("upload", "мяу", "text/plain", {"channelId": 2**40})
    assert refused.value.told["status"] == 404
