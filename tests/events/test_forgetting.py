"""An erased user's name does not slip into the log behind the one who erases."""

import time
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import connection, transaction

from events.lock import LOCK, sequencer_held
from events.models import Announcement, Event
from events.services import forget_user
from tests.conftest import PATIENCE

WAITING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND (classid::bigint << 32 | objid::bigint) = %s"
)


@pytest.mark.django_db(transaction=True)
def test_who_forgets_waits_for_what_is_being_written() -> None:
    written, go_on = Flag(), Flag()

    def sequence() -> None:
        with transaction.atomic():
            sequencer_held()
            Event.objects.create(kind="message-created", actor_id=7, payload="{}")
            written.set()
            go_on.wait(PATIENCE)
        connection.close()

    def forget() -> None:
        with transaction.atomic():
            forget_user(7)
        connection.close()

    sequencer, eraser = Thread(target=sequence), Thread(target=forget)
    sequencer.start()
    assert written.wait(PATIENCE)
    eraser.start()
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while not cursor.execute(WAITING, [LOCK]).fetchone()[0]:
            assert time.monotonic() < deadline, "nobody waits"
    go_on.set()
    for thread in (sequencer, eraser):
        thread.join()
    assert not Event.objects.filter(actor_id=7).exists()
    assert not Announcement.objects.filter(actor_id=7).exists()
