"""The database and Valkey."""

import asyncio
import secrets
from typing import NamedTuple

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import InterfaceError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from selfhost.doctor.case import Case
from selfhost.doctor.waiting import CONNECT, in_thread
from selfhost.doctor.words import Check, error, ok, skipped, warning
from selfhost.versions import unknown_of

CHANNEL = "pv:doctor:"  # within what an ACL has to allow anyway


class Seen(NamedTuple):
    waiting: list[str] = []  # migrations that are not applied
    unknown: list[str] = []  # those that are, and that this code has not
    is_superuser: bool = False
    problem: str = ""  # why the database does not answer


async def database(case: Case) -> list[Check]:
    seen = await in_thread(_look)
    if seen.problem:
        return [
            error("database", "DATABASE_URL", "The database does not answer", "База данных не отвечает", seen.problem),
            skipped("migrations", "The database does not answer", "База данных не отвечает"),
        ]
    return [_role(seen), _migrations(seen)]


def _role(seen: Seen) -> Check:
    if seen.is_superuser:
        return warning(
            "database",
            "DATABASE_URL",
            "The database answers, to a superuser: one who owns the database would do",
            "База данных отвечает суперпользователю, а достаточно её владельца",
        )
    return ok("database", "The database answers", "База данных отвечает")


def _migrations(seen: Seen) -> Check:
    if seen.waiting:
        return error(
            "migrations",
            "DATABASE_URL",
            "The database is older than this version, or another one: run manage.py migrate",
            "База данных старше этой версии или не та: выполните manage.py migrate",
            f"{len(seen.waiting)}: {', '.join(seen.waiting[:5])}",
        )
    if seen.unknown:
        return warning(
            "migrations",
            "NEWER_DATABASE",
            "The database is newer than this version: it should be of the next release at most",
            "База данных новее этой версии: она должна быть не новее следующего выпуска",
            f"{len(seen.unknown)}: {', '.join(seen.unknown[:5])}",
        )
    return ok("migrations", "The database fits this version", "База данных соответствует версии")


def _look() -> Seen:
    """In a thread of its own, with its own connection."""
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            (is_superuser,) = cursor.fetchone()
        return Seen(
            [f"{migration.app_label}.{migration.name}" for migration, _ in plan],
            unknown_of(f"{app}.{name}" for app, name in executor.loader.applied_migrations),
            is_superuser,
        )
    except (DatabaseError, InterfaceError) as problem:
        return Seen(problem=" ".join(str(problem).split())[:200])
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
