"""Writes of voice sessions. They come from the memory of a process with sockets, a few seconds late."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
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
    """Writes them down, and that this recorder lives. One whose account is gone meanwhile is dropped."""
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
    except IntegrityError:
        if len(pages) == 1:
            logger.info("A voice session of an account that is gone is dropped")
            return
        for page in pages:
            _keep(recorder_id, [page])


def _write(recorder_id: UUID, pages: Sequence[Page]) -> None:
    begun = [_row(recorder_id, page.session) for page in pages if page.is_new]
    VoiceSession.objects.bulk_create(begun, ignore_conflicts=True)  # written already, if it was the answer that was lost
    VoiceMoment.objects.bulk_create(
        VoiceMoment(
            session_id=page.session.id,
            at=_time(moment.at),
            kind=moment.kind,
            peer=moment.peer[:255],
            peer_user_id=moment.peer_user_id,
            details=dict(moment.details),
        )
        for page in pages
        for moment in page.moments
    )
    rest = [page for page in pages if page.omitted or page.ended]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE timelines_voicesession AS session
            SET omitted = page.omitted, ended_at = page.ended_at, reason = page.reason
            FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[], %s::text[]) AS page (id, omitted, ended_at, reason)
            WHERE session.id = page.id
            """,
            [
                [page.session.id for page in rest],
                [page.omitted for page in rest],
                [_time(page.ended[0]) if page.ended else None for page in rest],
                [page.ended[1][:40] if page.ended else None for page in rest],
            ],
        )
    connection.check_constraints()  # here, where it can be told whose account is gone


def _row(recorder_id: UUID, session: Session) -> VoiceSession:
    return VoiceSession(
        id=session.id,
        user_id=session.user_id,
        server_id=session.server_id,
        channel_id=session.channel_id,
        recorder_id=recorder_id,
        dialect=session.dialect,
        socket_id=session.socket_id[:255],
        started_at=_time(session.started_at),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
