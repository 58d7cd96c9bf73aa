"""What is older than the days that are kept leaves the log: by the process that is at it, if several try."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from events import log

LOCK: Final = 0x70767072756E  # "pvprun"


def prune() -> int:
    """How many events have left."""
    before, pruned = timezone.now() - timedelta(days=settings.EVENTS_KEPT_DAYS), 0
    while some := _some(before):
        pruned += some
    return pruned


@transaction.atomic
def _some(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            return 0
    return log.prune(before)
