"""kill -9 of each part, under load."""

import asyncio

from tests.faults import audit
from tests.faults.conftest import Length
from tests.faults.load import Load, Subscriber, Writer, until
from tests.faults.rig import Rig


async def test_what_was_answered_outlives_a_killed_web_process(rig: Rig, length: Length):
    owner, ann = rig.sign_up("owner"), rig.sign_up("ann")
    server, _ = rig.voice_channel(owner, ann)
    channel = rig.api("POST", f"/servers/{server}/channels", owner["token"], name="talk", type="text").json()["id"]
    load = Load(rig, length.seed)
    writer, subscriber = Writer(load, owner, channel), Subscriber(load, ann)
    async with load.at_work():
        load.do(subscriber.run())
        await until(lambda: subscriber.first is not None)
        load.do(writer.run())
        for part in ("web 0", "web 1"):
            await asyncio.to_thread(rig.until_back, part, rig.kill(part))
        before = len(writer.written)
        await until(lambda: len(writer.written) >= before + 20)
    assert load.surprises == []
    audit.every_answered_message_is_there_once(rig, writer)
    audit.the_log_was_heard_without_a_gap(
        rig, subscriber, "server_id = %s AND user_id IS NULL OR user_id = %s", server, ann["user"]["id"]
    )
    audit.the_chain_verifies(rig)
