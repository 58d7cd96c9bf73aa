"""Writes of voice sessions. They come from the memory of a process with sockets, a few seconds late."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from timelines.models import Recorder, VoiceMoment, VoiceSession
from timelines.recording import Moment, Session

logger = logging.getLogger(__name__)

AT_ONCE: Final = 500  # sessions in one transaction
LOST: Final = timedelta(seconds=60)
"""A process that has not been seen for so long is gone."""
LOST_REASON: Final = "server-lost"
FORGOTTEN: Final = timedelta(days=1)
PRUNED_AT_ONCE: Final = 1000


class Page(NamedTuple):
    """What has come of one session since it was written last."""

    session: Session
    is_new: bool
    moments: list[Moment]
    omitted: int
    ended: tuple[float, str] | None

    @property
    def says_anything(self) -> bool:
        return bool(self.is_new or self.moments or self.omitted or self.ended)


def sessions_keep(recorder_id: UUID, pages: Sequence[Page]) -> None:
    """Writes them down, and that this recorder lives. One whose account is gone meanwhile is dropped, as is one that no database
    takes.
    """
    _recorder_seen(recorder_id)
    wanted = [page for page in pages if page.says_anything]
    for start in range(0, len(wanted), AT_ONCE):
        _keep(recorder_id, wanted[start : start + AT_ONCE])


def recorder_close(recorder_id: UUID) -> None:
    Recorder.objects.filter(pk=recorder_id).delete()


def sessions_end_of_lost() -> int:
    """Those of processes that died, as of when these were seen last. How many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE timelines_voicesession AS session
            SET reason = %s, ended_at = greatest(
                session.started_at, (SELECT seen_at FROM timelines_recorder WHERE id = session.recorder_id)
            )
            WHERE ended_at IS NULL
            AND NOT EXISTS (SELECT FROM timelines_recorder WHERE id = session.recorder_id AND seen_at > %s)
            """,
            [LOST_REASON, timezone.now() - LOST],
        )
        ended = cursor.rowcount
    Recorder.objects.filter(seen_at__lt=timezone.now() - FORGOTTEN).delete()
    return ended


def sessions_prune() -> int:
    """Those older than the days that are kept. How many."""
    before, pruned = timezone.now() - timedelta(days=settings.VOICE_TIMELINES_KEPT_DAYS), 0
    while ids := list(VoiceSession.objects.filter(started_at__lt=before).values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        with transaction.atomic():
            VoiceMoment.objects.filter(session_id__in=ids).delete()
            pruned += VoiceSession.objects.filter(pk__in=ids).delete()[0]
    return pruned


@transaction.atomic
def _recorder_seen(recorder_id: UUID) -> None:
    """Whoever took it for lost was wrong."""
    now = timezone.now()
    recorder, is_new = Recorder.objects.get_or_create(pk=recorder_id, defaults={"seen_at": now})
    if is_new or now - recorder.seen_at > LOST:
        VoiceSession.objects.filter(recorder_id=recorder_id, reason=LOST_REASON).update(ended_at=None, reason=None)
    Recorder.objects.filter(pk=recorder_id).update(seen_at=now)


def _keep(recorder_id: UUID, pages: Sequence[Page]) -> None:
    try:
        with transaction.atomic():
            _write(recorder_id, pages)
    except (IntegrityError, DataError) as error:
        if len(pages) == 1:
            logger.info("A voice session is dropped, its account is gone or it cannot be written: %s", type(error).__name__)
            return
        for page in pages:
            _keep(recorder_id, [page])


def _write(recorder_id: UUID, pages: Sequence[Page]) -> None:
    """Each kind of row as one document, which PostgreSQL takes apart: to make thousands of rows of models holds up the calls of
    the process for a quarter of a second.
    """
    _fill(
        """
        INSERT INTO timelines_voicesession (
            id, recorder_id, user_id, server_id, channel_id, dialect, socket_id, started_at, omitted
        )
        SELECT id, %s, user_id, server_id, channel_id, dialect, left(socket_id, 255), to_timestamp(started_at), 0
        FROM jsonb_to_recordset(%s) AS session (
            id uuid, user_id bigint, server_id bigint, channel_id bigint, dialect text, socket_id text, started_at float8
        )
        ON CONFLICT DO NOTHING
        """,  # written already, if it was the answer that was lost
        [page.session._asdict() for page in pages if page.is_new],
        recorder_id,
    )
    _fill(
        """
        INSERT INTO timelines_voicemoment (session_id, at, kind, peer, peer_user_id, details)
        SELECT session_id, to_timestamp(at), kind, left(peer, 255), peer_user_id, details
        FROM jsonb_to_recordset(%s) AS moment (
            session_id uuid, at float8, kind text, peer text, peer_user_id bigint, details jsonb
        )
        """,
        [{"session_id": page.session.id, **moment._asdict()} for page in pages for moment in page.moments],
    )
    _fill(
        """
        UPDATE timelines_voicesession AS session
        SET omitted = page.omitted, ended_at = to_timestamp(page.ended_at), reason = left(page.reason, 40)
        FROM jsonb_to_recordset(%s) AS page (id uuid, omitted int, ended_at float8, reason text)
        WHERE session.id = page.id
        """,
        [_end_of(page) for page in pages if page.omitted or page.ended],
    )
    connection.check_constraints()  # here, where it can be told whose account is gone


def _end_of(page: Page) -> dict[str, Any]:
    at, reason = page.ended or (None, None)
    return {"id": page.session.id, "omitted": page.omitted, "ended_at": at, "reason": reason}


def _fill(query: str, rows: list[dict[str, Any]], *before: Any) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(query, [*before, orjson.dumps(rows).decode()])
