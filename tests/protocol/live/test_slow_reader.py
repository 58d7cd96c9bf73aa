"""Who reads slowly what he missed holds up nobody, costs little memory, and hears all of it."""

import asyncio
import json

from tests.conftest import Instance
from tests.protocol.conftest import BOTH_WAYS, Connect
from tests.protocol.live.conftest import Stage, log_of, subscriber
from tests.protocol.raw import frame, open_websocket
from tests.protocol.test_slow_reader import GROWTH, memory

MANY = """
    INSERT INTO events_event (kind, server_id, payload)
    SELECT 'role-deleted', %s, '{"roleId":' || number || ',"padding":"' || repeat('x', 20000) || '"}' FROM generate_series(1, %s) number
"""
EVENTS = 1000  # 20 MB: five times what may lie unread on a socket


@BOTH_WAYS
async def test_much_is_resumed_at_the_readers_pace(connect: Connect, stage: Stage, instance: Instance):
    [(since,)] = log_of(instance, "SELECT max(id) FROM events_event")
    log_of(instance, MANY, stage.server, EVENTS)
    bob = await subscriber(connect, stage.bob)
    before = memory(instance)
    slow = await open_websocket(instance, stage.ann["token"], max_queue=1)
    await slow.send(frame("subscribe", {"since": since}))
    for number in range(300):  # more than is held for him
        stage.write(str(number))
    await bob.until("message-created", 300)
    assert memory(instance) - before < GROWTH
    roles, contents, seqs = [], [], []
    async with asyncio.timeout(60):
        while len(contents) < 300 or not seqs:
            text = str(await slow.recv())
            if text == "2":
                await slow.send("3")
            if '["' not in text:
                continue
            name, said = json.loads(text[text.index("[") :])
            if name == "role-deleted":
                roles.append(said["roleId"])
                await asyncio.sleep(0.001)
            elif name == "message-created":
                contents.append(said["message"]["content"])
            if name in {"role-deleted", "message-created"}:
                seqs.append(said["seq"])
    assert roles == list(range(1, EVENTS + 1))
    assert contents == [str(number) for number in range(300)]
    assert seqs == sorted(set(seqs))
    await slow.close()
