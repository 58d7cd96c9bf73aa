"""The SDK's connection to a real instance."""

from tests.clients.conftest import Begin
from tests.conftest import Instance


async def test_it_comes_back_after_the_server_was_restarted_and_a_call_is_joined_again(begin: Begin, instance: Instance):
    own = Instance(instance.env)
    own.start()
    try:
        ann = own.sign_up("ann")
        _, channel = own.voice_channel(ann)
        program = await begin(ann, own)
        await program.do("live", {})
        first = await program.until("connect")
        await program.do("emit", "join-room", channel)
        assert (await program.until("created"))["participants"][0]["socketId"] == first
        own.stop()
        own.start()
        second = await program.until("connect", 2)
        await program.do("emit", "join-room", channel)
        assert [seat["socketId"] for seat in (await program.until("created", 2))["participants"]] == [second]
        assert second != first
    finally:
        own.stop()


async def test_an_ended_session_ends_the_connection_for_good(begin: Begin, instance: Instance):
    ann = instance.sign_up("ann")
    program = await begin(ann)
    await program.do("live", {})
    await program.until("connect")
    assert instance.api("DELETE", "/auth/sessions/current", ann["token"]).status_code == 204
    await program.until("signed-out")
    assert len(program.all("connect")) == 1
