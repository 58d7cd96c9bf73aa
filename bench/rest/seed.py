"""Fills an empty database for the measurements and writes down what is in it, as JSON.

    python -m bench.rest.seed --messages 1000000 --facts FILE       (environment: as of the application)

With an existing FILE the database is taken as filled, and only sessions are made. All content follows from the numbers of
the rows: two databases filled by this script answer alike, but for the dates of users, servers and members.
"""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import psycopg

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Session, User, username_key
from accounts.tokens import token_for
from launch.postgres_server import OWNER, SUPERUSER
from messaging.models import BLOCK
from servers.models import Channel, Member, Role, Server
from servers.permissions import DEFAULT_ROLES, Permission
from servers.services.servers import server_create

MEMBERS, ROLES, CHANNELS, SMALL_SERVERS = 5000, 50, 100, 9
SMALL_CHANNEL = 1000  # messages
SINCE = datetime(2026, 1, 1, 12, 0, 0, 123456, UTC)
RUSSIAN = (
    "голос канал сервер вечер музыка друзья игра ссылка экран камера звук тишина команда встреча завтра сегодня "
    "быстро медленно хорошо плохо снова потом сейчас можно нужно где-то всегда никогда вместе отдельно громко тихо "
    "новый старый первый последний человек слово ответ вопрос минута работа время место проверка запись микрофон "
    "наушники"
)
ENGLISH = (
    "voice channel server evening music friends game link screen camera sound silence team meeting tomorrow today "
    "quickly slowly good bad again later now maybe somewhere always never together apart loudly quietly new old first "
    "last person word answer question minute work time place check record microphone headphones latency"
)
SEARCHES = {
    "common word, Russian": "привет",
    "common word, English": "hello",
    "rare word, Russian": "дельтаплан",
    "rare word, English": "xylophone",
    "two common words in a row": "музыка сегодня",
    "no hit, Russian": "отсутствует",
    "no hit, English": "nonexistent",
}
# One message in eight of its language greets, rare words fall on every 20 000th; positions have the holes that deletions leave.
MESSAGES = """
INSERT INTO messaging_message
    (id, channel_id, position, user_id, content, reply_to_id, is_edited, created_at, updated_at, pinned_at)
SELECT %(base)s + n, %(channel)s, n + n / 97,
    CASE WHEN n %% 1000 <> 500 THEN (%(users)s::bigint[])[1 + abs(hashint8extended(n, 1) %% cardinality(%(users)s::bigint[]))] END,
    CASE n %% 16 WHEN 0 THEN 'Привет ' WHEN 1 THEN 'Hello ' ELSE '' END
        || CASE n %% 20000 WHEN 778 THEN 'дельтаплан ' WHEN 777 THEN 'Xylophone ' ELSE '' END
        || CASE WHEN n %% 2 = 0 THEN russian ELSE english END,
    CASE WHEN n %% 10 = 3 AND n > 50 THEN %(base)s + n - 1 - abs(hashint8extended(n, 2) %% 40) END,
    n %% 50 = 0,
    at, at + CASE WHEN n %% 50 = 0 THEN interval '30 seconds' ELSE interval '0' END,
    CASE WHEN n %% (%(count)s / 20) = %(count)s / 40 THEN at END
FROM generate_series(1, %(count)s) AS n
CROSS JOIN LATERAL (SELECT %(since)s + n * interval '1.234567 seconds' AS at) AS moment
CROSS JOIN LATERAL (
    SELECT string_agg((%(russian)s::text[])[1 + abs(hashint8extended(n, k) %% cardinality(%(russian)s::text[]))], ' ') AS russian,
           string_agg((%(english)s::text[])[1 + abs(hashint8extended(n, k) %% cardinality(%(english)s::text[]))], ' ') AS english
    FROM generate_series(3, 5 + abs(hashint8extended(n, 0) %% 10)) AS k
) AS words
"""
AROUND = (
    """
    INSERT INTO messaging_messagerevision (message_id, content, edited_by_id, created_at)
    SELECT id, 'before: ' || content, user_id, updated_at FROM messaging_message WHERE channel_id = %(channel)s AND is_edited
    """,
    """
    INSERT INTO messaging_reaction (message_id, user_id, emoji)
    SELECT %(base)s + n, (%(users)s::bigint[])[1 + (n / 7 + k) %% 50], (ARRAY['👍', '🎉', '😀'])[1 + k %% 3]
    FROM generate_series(7, %(count)s, 7) AS n, generate_series(1, 1 + n / 7 %% 5) AS k
    """,
    "INSERT INTO messaging_tally (channel_id, total, last_position) VALUES (%(channel)s, %(count)s, %(count)s + %(count)s / 97)",
    f"""
    INSERT INTO messaging_block (channel_id, number, "left")
    SELECT channel_id, position / {BLOCK}, COUNT(*) FROM messaging_message WHERE channel_id = %(channel)s GROUP BY 1, 2
    """,
    "SELECT setval('messaging_message_id_seq', (SELECT MAX(id) FROM messaging_message))",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000, help="in the large channel")
    parser.add_argument("--facts", type=Path, required=True)
    options = parser.parse_args()
    call_command("migrate", interactive=False, verbosity=0)
    if options.facts.exists():
        facts = json.loads(options.facts.read_text())
    else:
        let_do_more()
        with transaction.atomic():
            facts = fill(options.messages)
        settle()
    week = timedelta(days=7)
    facts["tokens"] = {name: token(user_id, week) for name, user_id in facts["users"].items()}
    facts["tokens"]["ended"] = token(facts["users"]["caller"], week, ended=True)
    options.facts.write_text(json.dumps(facts, ensure_ascii=False, indent=1))


def token(user_id: int, lifetime: timedelta, *, ended: bool = False) -> str:
    """A good token; with `ended` its session is over all the same."""
    session = Session.objects.create(user_id=user_id, expires_at=timezone.now() + lifetime)
    signed = token_for(session)
    if ended:
        Session.objects.filter(pk=session.pk).update(expires_at=timezone.now())
    return signed


def let_do_more() -> None:
    """What the application may not do otherwise."""
    known = connection.get_connection_params()
    with psycopg.connect(host=known["host"], dbname=known["dbname"], user=SUPERUSER, autocommit=True) as superuser:
        superuser.execute(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}")
        superuser.execute(f"GRANT ALTER SYSTEM ON PARAMETER autovacuum TO {OWNER}")
        superuser.execute(f"GRANT EXECUTE ON FUNCTION pg_reload_conf() TO {OWNER}")
        superuser.execute(f"GRANT pg_checkpoint TO {OWNER}")


def settle() -> None:
    """Autovacuum stays off: its workers would be charged to whoever is measured meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET autovacuum = off")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def fill(messages: int) -> dict[str, Any]:
    owner, caller, stranger, blocked, *others = make_users(MEMBERS + 2)
    User.objects.filter(pk=blocked.pk).update(is_active=False)
    server = make_server(owner, [caller, *others], name="large", roles=ROLES, channels=CHANNELS)
    for number, friend in enumerate(others[:SMALL_SERVERS]):
        make_server(friend, [caller, *others[50 : 55 + 5 * number]], name=f"small {number}", roles=3, channels=4)
    for name in ("blocked", "closed"):
        closed = make_server(others[0], [caller], name=name, roles=1, channels=1)
        closed.roles.update(permissions=Permission.CONNECT)
    Server.objects.filter(name="blocked").update(is_blocked=True)
    overwritten = make_overwrites(server, caller)
    texts = Channel.objects.filter(server=server, type="text").values_list("pk", flat=True)
    large, small, posts = texts[:3]
    authors = [user.pk for user in (caller, *others)]
    with search_index_away():
        make_messages(large, messages, authors)
        make_messages(small, SMALL_CHANNEL, authors)
    return {
        "server": server.pk,
        "channels": {"large": large, "small": small, "posts": posts},
        "closed": list(Channel.objects.filter(server__name__in=["blocked", "closed"]).values_list("pk", "server_id")),
        "messages": {"large": messages, "small": SMALL_CHANNEL},
        "overwritten": overwritten,
        "users": {"caller": caller.pk, "stranger": stranger.pk, "blocked": blocked.pk},
        "searches": SEARCHES,
    }


def make_overwrites(server: Server, caller: User) -> list[int]:
    """Channels that give and take in every way the rules know, and one of a server where the caller is timed out.

    None where the database is older than these rules.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('servers_overwrite') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return []
        member = Member.objects.get(server=server, user=caller)
        everyone = server.roles.get(preset="everyone").pk
        (one, two), own = member.roles.values_list("pk", flat=True)[:2], None
        view, read, kick = Permission.VIEW_CHANNEL, Permission.READ_MESSAGE_HISTORY, Permission.KICK_MEMBERS
        ways = (
            [(everyone, 0, view)],
            [(everyone, 0, view), (own, view, 0)],
            [(one, 0, view)],
            [(one, 0, view), (two, view, 0)],
            [(everyone, view, 0), (own, 0, view)],
            [(everyone, 0, read), (two, 0, kick)],
            [(everyone, 0, Permission.SEND_MESSAGES)],
        )
        channels = list(server.channels.filter(type="text").values_list("pk", flat=True)[3 : 3 + len(ways)])
        for channel, written in zip(channels, ways, strict=True):
            for role, allow, deny in written:
                values = [channel, role, member.pk if role is own else None, allow, deny]
                cursor.execute(
                    "INSERT INTO servers_overwrite (channel_id, role_id, member_id, allow, deny) VALUES (%s, %s, %s, %s, %s)",
                    values,
                )
        silent = Member.objects.filter(user=caller, server__name="small 1").get()
        cursor.execute("UPDATE servers_member SET muted_until = '2100-01-01Z' WHERE id = %s", [silent.pk])
    return [*channels, silent.server.channels.first().pk]


def make_users(count: int) -> list[User]:
    return User.objects.bulk_create(
        User(
            username=f"person{number}",
            username_key=username_key(f"person{number}"),
            email=f"person{number}@example.com",
            password="!",
            tag=f"#{number % 10_000:04}",
            profile_picture=f"https://example.com/{number}.png" if number % 3 else None,
        )
        for number in range(count)
    )


def make_server(owner: User, members: list[User], *, name: str, roles: int, channels: int) -> Server:
    server = server_create(owner=owner, name=name, description=f"The {name} server, сервер")
    custom = Role.objects.bulk_create(
        Role(
            server=server,
            name=f"role {number}",
            color=f"#{number * 40_503 % 0x1000000:06X}",
            # Nobody administers by a custom role; the second half has a bit that no JavaScript number holds exactly.
            permissions=(number * 2_654_435_761) % 2**41 & ~Permission.ADMINISTRATOR | (number > roles // 2) << 62,
            position=len(DEFAULT_ROLES) + number,
            is_hoisted=number % 2 == 0,
        )
        for number in range(roles)
    )
    joined = Member.objects.bulk_create(
        Member(server=server, user=user, nickname=f"nick {number}" if number % 4 == 0 else None, is_muted=number % 50 == 1)
        for number, user in enumerate(members)
    )
    carried = Member.roles.through
    carried.objects.bulk_create(
        carried(member=member, role=custom[place])
        for number, member in enumerate(joined, start=4)  # the caller, who comes first, carries four
        for place in {(number * 7 + k * 13) % roles for k in range(number % 5)}
    )
    Channel.objects.bulk_create(
        Channel(server=server, name=f"channel {number}", type="voice" if number % 2 else "text", position=number)
        for number in range(channels)
    )
    return server


@contextmanager
def search_index_away() -> Iterator[None]:
    """Built once over all messages it takes a fraction of the time. Foreign keys are not checked meanwhile either."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'messaging_message' AND indexdef LIKE '% USING gin %'"
        )
        indexes = cursor.fetchall()
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            cursor.execute(definition)


def make_messages(channel: int, count: int, authors: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM messaging_message")
        (base,) = cursor.fetchone()
        values = {"base": base, "channel": channel, "count": count, "users": authors, "since": SINCE}
        values |= {"russian": RUSSIAN.split(), "english": ENGLISH.split()}
        cursor.execute(MESSAGES, values)
        for statement in AROUND:
            cursor.execute(statement, values)


if __name__ == "__main__":
    main()
