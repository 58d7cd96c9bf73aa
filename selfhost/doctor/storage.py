"""The database and Valkey."""

import asyncio
import secrets

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import InterfaceError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from selfhost.doctor.case import Case
from selfhost.doctor.waiting import CONNECT, in_thread
from selfhost.doctor.words import Check, error, ok, skipped

CHANNEL = "pv:doctor:"  # within what an ACL has to allow anyway


async def database(case: Case) -> list[Check]:
    waiting, problem = await in_thread(_migrations)
    if problem:
        return [
            error("database", "DATABASE_URL", "The database does not answer", "База данных не отвечает", problem),
            skipped("migrations", "The database does not answer", "База данных не отвечает"),
        ]
    answers = ok("database", "The database answers", "База данных отвечает")
    if waiting:
        return [
            answers,
            error(
                "migrations",
                "DATABASE_URL",
                "The database is older than this version, or another one: run manage.py migrate",
                "База данных старше этой версии или не та: выполните manage.py migrate",
                f"{len(waiting)}: {', '.join(waiting[:5])}",
            ),
        ]
    return [answers, ok("migrations", "The database fits this version", "База данных соответствует версии")]


def _migrations() -> tuple[list[str], str]:
    """Those that are not applied; or why the database does not answer. In a thread of its own, with its own connection."""
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return [f"{migration.app_label}.{migration.name}" for migration, _ in plan], ""
    except (DatabaseError, InterfaceError) as problem:
        return [], " ".join(str(problem).split())[:200]
    finally:
        connection.close()


async def valkey(case: Case) -> list[Check]:
    """Says something and hears it: all that calls and throttles want of it."""
    try:
        async with asyncio.timeout(2 * CONNECT):
            await _say_and_hear(Redis.from_url(case.redis_url, socket_connect_timeout=CONNECT, socket_timeout=CONNECT))
    except (RedisError, OSError, ValueError) as problem:
        why = f"{type(problem).__name__}: {problem}"[:200]
        return [error("valkey", "REDIS_URL", "Valkey does not carry messages", "Valkey не передаёт сообщения", why)]
    return [ok("valkey", "Valkey carries messages", "Valkey передаёт сообщения")]


async def _say_and_hear(client: Redis) -> None:
    channel, word = CHANNEL + secrets.token_hex(8), secrets.token_bytes(8)
    async with client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
        await pubsub.subscribe(channel)
        await client.publish(channel, word)
        async for message in pubsub.listen():
            if message["data"] == word:
                return
