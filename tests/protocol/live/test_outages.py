"""Valkey or PostgreSQL goes away and comes back: what was announced is told, late at worst."""

import asyncio

import psycopg
from psycopg import sql

from tests.conftest import Instance
from tests.protocol.bus.conftest import Valkey, own_valkey
from tests.protocol.conftest import Connect
from tests.protocol.live.conftest import Stage, contents, database_of, sequences, subscribed, subscriber
from tests.protocol.nodes.conftest import frail_east, frail_west

__all__ = ["frail_east", "frail_west", "own_valkey"]


async def test_without_valkey_other_nodes_look_by_themselves(
    connect: Connect, stage: Stage, frail_east: Instance, frail_west: Instance, own_valkey: Valkey
):
    ann, bob = (
        await subscriber(connect, stage.ann, instance=frail_east),
        await subscriber(connect, stage.bob, instance=frail_west),
    )
    own_valkey.kill()
    stage.write("over the log alone", at=frail_east)
    for one in (ann, bob):
        await one.until("message-created")
    own_valkey.start()
    stage.write("with it again", at=frail_west)
    for one in (ann, bob):
        await one.until("message-created", 2)
        assert contents(one) == ["over the log alone", "with it again"]


async def test_a_database_that_goes_away_costs_time_and_nothing_else(connect: Connect, stage: Stage, instance: Instance):
    ann = await subscriber(connect, stage.ann)
    stage.write("before")
    await ann.until("message-created")
    with psycopg.connect(database_of(instance), autocommit=True) as inside:
        name = inside.execute("SELECT current_database()").fetchone()[0]
    with psycopg.connect(database_of(instance).replace(name, "postgres"), autocommit=True) as admin:
        door = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        admin.execute(door.format(sql.Identifier(name), sql.SQL("false")))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            late = await connect(None)
            await late.say("subscribe", {"token": stage.bob["token"]})
            assert (await late.until("error"))["message"].startswith("The service is briefly unavailable")
            await asyncio.sleep(2)  # so that tasks find it away
        finally:
            admin.execute(door.format(sql.Identifier(name), sql.SQL("true")))
    while not instance.api("GET", "/health").ok:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    stage.write("after")
    await ann.until("message-created", 2)
    assert contents(ann) == ["before", "after"]
    await subscribed(late, token=stage.bob["token"])
    stage.write("to both")
    await late.until("message-created")
    await ann.until("message-created", 3)
    assert sequences(ann) == sorted(set(sequences(ann)))
