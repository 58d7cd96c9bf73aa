"""One at a time writes the log."""

from django.db import connection

LOCK = 0x70766C6F67  # "pvlog"
STUCK = "10s"  # a process that sleeps while it holds the lock loses it then, with what it has not committed


def sequencer_held() -> None:
    """Until the transaction ends nobody else takes announcements into the log, or whoever does so now has finished."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [STUCK])
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
