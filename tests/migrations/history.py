"""A database as the first release left it, filled, taken forward to today and back. Run as `python -m tests.migrations.history`
in the environment of an empty database; tests read what it prints.
"""

import json
from collections.abc import Sequence
from typing import Any

import django

django.setup()

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.utils import timezone

from audit.chain import hash_of
from audit.models import GENESIS
from messaging.models import BLOCK
from tests.migrations.test_every_migration import ours

ENTRIES, PEOPLE, MESSAGES = 205, 30, 2500
COLUMNS = """
    SELECT table_name, array_agg(quote_ident(column_name) ORDER BY column_name) FROM information_schema.columns
    WHERE table_schema = 'public' GROUP BY 1 ORDER BY 1
"""
SHAPE = """
    SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, is_nullable, column_default)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1
"""
Rows = dict[str, list[str]]
Targets = Sequence[tuple[str, str | None]]
FIRST = [("accounts", "0001_initial"), ("servers", "0001_initial"), ("friends", "0001_initial"), ("messaging", "0001_initial"),
    ("audit", "0001_initial")]  # fmt: skip


def main() -> None:
    loader = MigrationExecutor(connection).loader
    leaves = loader.graph.leaf_nodes()
    labels = {app for app, _ in ours(loader)}
    begun = [*FIRST, *(node for node in leaves if node[0] not in labels)]
    later = [(app, None) for app in sorted(labels - {app for app, _ in FIRST})]
    to(begun)
    fill(loader.project_state(begun).apps)
    columns = columns_now()
    rows, shape = rows_of(columns), fetched(SHAPE)
    steps = to(leaves)
    told: dict[str, Any] = {"rows": sum(map(len, rows.values())), "steps": steps, "kept": rows_of(columns) == rows}
    today = fetched(SHAPE)
    to([*later, *begun])
    told |= {"kept back": rows_of(columns) == rows, "shape back": fetched(SHAPE) == shape}
    to(leaves)
    told |= {"kept again": rows_of(columns) == rows, "shape again": fetched(SHAPE) == today}
    print(json.dumps(told))


def to(targets: Targets) -> int:
    """How many migrations that took."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(targets)
    executor.migrate(targets, plan)
    return len(plan)


def fill(apps: StateApps) -> None:
    """Through the models as they were then: today's know columns that were not there."""
    now = timezone.now()
    users = apps.get_model("accounts", "User").objects
    people = users.bulk_create(
        users.model(username=f"user{n}", username_key=f"user{n}", email=f"user{n}@example.com", password="!", tag=f"{n:05}")
        for n in range(PEOPLE)
    )
    server = apps.get_model("servers", "Server").objects.create(name="Anna's", owner=people[0])
    members = apps.get_model("servers", "Member").objects
    for n, one in enumerate(people):
        members.create(server=server, user=one, role="member" if n else "owner")
    apps.get_model("servers", "Ban").objects.create(server=server, user=people[-1], banned_by=people[0])
    channel = apps.get_model("servers", "Channel").objects.create(server=server, name="general", type="text")
    messages = apps.get_model("messaging", "Message").objects
    messages.bulk_create(
        messages.model(channel=channel, user=people[n % PEOPLE], position=n, content=f"Слово {n}") for n in range(1, MESSAGES + 1)
    )
    apps.get_model("messaging", "Tally").objects.create(channel=channel, total=MESSAGES, last_position=MESSAGES)
    blocks = apps.get_model("messaging", "Block").objects
    for number in range(MESSAGES // BLOCK + 1):
        held = min(MESSAGES, (number + 1) * BLOCK - 1) - max(1, number * BLOCK) + 1
        blocks.create(channel=channel, number=number, left=held)
    apps.get_model("friends", "Friendship").objects.create(sender=people[0], receiver=people[1])
    entries, last = apps.get_model("audit", "AuditEntry").objects, GENESIS
    for sequence in range(1, ENTRIES + 1):
        entry = entries.model(
            log="instance", sequence=sequence, at=now, actor_name="user0", actor_number=people[0].pk, actor=people[0],
            action="user.block", target_type="user", target_id=people[1].pk, target_name="user1", previous_hash=last,
        )  # fmt: skip
        last = entry.hash = hash_of(entry)
        entry.save()
    apps.get_model("audit", "AuditLog").objects.create(name="instance", length=ENTRIES, last_hash=last)


def columns_now() -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        return {table: columns for table, columns in cursor.fetchall() if not table.startswith(("django_", "auth_"))}


def rows_of(columns: dict[str, list[str]]) -> Rows:
    """In these columns, whatever others there are by now."""
    return {
        table: fetched(f"SELECT ROW({', '.join(names)})::text FROM {table} ORDER BY 1")
        for table, names in columns.items()
    }


def fetched(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row for (row,) in cursor.fetchall()]


if __name__ == "__main__":
    main()
