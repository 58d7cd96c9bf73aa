"""Writes of attachments. A row always exists before its file and goes before its file: a file that nobody has a row for
is in the table of orphans, where a trigger puts it however the row went (decision 0021).
"""

import logging
import secrets
from datetime import timedelta
from fnmatch import fnmatchcase

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from messaging.attachments.content import HEAD, content_of
from messaging.attachments.names import clean_name
from messaging.errors import AttachmentNotFound, AttachmentTooLarge, NoSuchUploads, OverQuota, TypeRefused
from messaging.models import Attachment, Message, Orphan
from projectvoice.kernel.errors import NoRoom, Unavailable, is_no_room
from projectvoice.kernel.limits import Limit
from servers.models import Channel

logger = logging.getLogger(__name__)

UPLOADS_PER_USER = Limit("upload", most=60, window=60)
PENDING = timedelta(hours=24)
NEXT_TRY = timedelta(hours=1)  # for a file that the storage did not delete
BATCH = 20  # files that one request deletes at most, its own or others'


def attachment_upload(*, channel: Channel, user: User, file: UploadedFile) -> Attachment:
    """An upload that waits for its message. Its size counts from before the file is stored, so no two slip under the quota."""
    size = file.size or 0
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise AttachmentTooLarge
    content = content_of(file.read(HEAD), file.content_type or "")
    file.seek(0)
    if not any(fnmatchcase(content.type, pattern) for pattern in settings.ATTACHMENT_TYPES):
        raise TypeRefused
    attachment = Attachment(channel=channel, user=user, filename=clean_name(file.name or ""), size=size)
    attachment.content_type, attachment.width, attachment.height = content
    attachment.key = _new_key()
    _reserve(attachment)
    try:
        default_storage.save(attachment.key, file)
    except Exception as error:  # a full disk, a bucket out of reach: each storage has errors of its own
        attachment.delete()
        logger.exception("The storage did not take a file")
        if not is_no_room(error):
            raise Unavailable from error
        sweep_after_commit()  # the half of it that fitted is the room that others miss
        raise NoRoom from error
    if not Attachment.objects.filter(pk=attachment.pk).exists():  # its channel or account went meanwhile
        Orphan.objects.update_or_create(key=attachment.key)
        raise AttachmentNotFound
    sweep_after_commit()
    return attachment


def attachments_join(message: Message, attachment_ids: list[int]) -> None:
    """Hang them on the message, in this order. The database lets each join once: whoever comes second finds it taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE messaging_attachment AS attachment SET message_id = %s, place = wanted.place - 1
            FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place)
            WHERE attachment.id = wanted.id AND attachment.message_id IS NULL AND user_id = %s AND channel_id = %s
            """,
            [message.pk, attachment_ids, message.user_id, message.channel_id],
        )
        if cursor.rowcount != len(attachment_ids):
            raise NoSuchUploads


def attachment_delete(*, attachment: Attachment) -> None:
    deleted, _ = Attachment.objects.filter(pk=attachment.pk, message__isnull=True).delete()
    if not deleted:
        raise AttachmentNotFound  # a message took it since the door was passed
    sweep_after_commit()


def attachments_sweep() -> int:
    """Delete one batch of files that nobody has a row for, uploads that no message took included; how many there were."""
    stale = Attachment.objects.filter(message__isnull=True, created_at__lt=timezone.now() - PENDING)
    with transaction.atomic():  # what somebody else holds is passed over: a sweep waits for nobody
        forgotten = list(stale.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        Attachment.objects.filter(pk__in=forgotten).delete()
    with transaction.atomic():
        due = Orphan.objects.select_for_update(skip_locked=True).filter(due_at__lte=timezone.now())
        keys = list(due.order_by("due_at").values_list("key", flat=True)[:BATCH])
        gone = [key for key in keys if _deleted(key)]
        Orphan.objects.filter(key__in=gone).delete()
        Orphan.objects.filter(key__in=set(keys) - set(gone)).update(due_at=timezone.now() + NEXT_TRY)
    return len(keys)


def sweep_after_commit() -> None:
    """Whoever uploads or deletes files also works off a batch of what others left behind."""
    transaction.on_commit(attachments_sweep, robust=True)


def _new_key() -> str:
    """Random, so that nothing of the client's reaches the storage; in 256 folders, so that none grows too large."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name}"


@transaction.atomic
def _reserve(attachment: Attachment) -> None:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=attachment.user_id)
    used = Attachment.objects.filter(user_id=attachment.user_id).aggregate(used=Sum("size"))["used"] or 0
    if used + attachment.size > settings.ATTACHMENT_QUOTA_BYTES:
        raise OverQuota
    attachment.save(force_insert=True)


def _deleted(key: str) -> bool:
    try:
        default_storage.delete(key)
    except Exception:  # each storage has errors of its own
        logger.exception("The storage did not delete a file; it is tried again in an hour")
        return False
    return True
