"""Writes of the relay. It adds to a day as long as that lasts; nothing is kept for longer than RETENTION."""

from datetime import date, timedelta

from django.db import connection, transaction

from accounts.services import users_stay
from turn.models import RelayUsage
from turn.usage import Batch

RETENTION = timedelta(days=90)


@transaction.atomic
def usage_add(batch: Batch) -> None:
    """Adds to what is written already. A batch that comes again, since nobody heard that it was written, counts once.

    Of accounts that are gone nothing is kept.
    """
    users_stay(*{user_id for user_id, _ in batch.rows})
    rows = [(user_id, day, *usage) for (user_id, day), usage in batch.rows.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO turn_relayusage AS kept (user_id, day, packets_up, bytes_up, packets_down, bytes_down, batch)
            SELECT carried.*, %s
            FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
                AS carried (user_id, day, packets_up, bytes_up, packets_down, bytes_down)
            JOIN accounts_user person ON person.id = carried.user_id
            ORDER BY carried.user_id, carried.day
            ON CONFLICT (user_id, day) DO UPDATE SET
                packets_up = kept.packets_up + excluded.packets_up, bytes_up = kept.bytes_up + excluded.bytes_up,
                packets_down = kept.packets_down + excluded.packets_down, bytes_down = kept.bytes_down + excluded.bytes_down,
                batch = excluded.batch
            WHERE kept.batch <> excluded.batch
            """,
            [batch.id, *map(list, zip(*rows, strict=True))],
        )


def usage_prune(today: date) -> None:
    RelayUsage.objects.filter(day__lte=today - RETENTION).delete()
