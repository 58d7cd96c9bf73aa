"""Reads of attachments."""

from typing import Any

from messaging.attachments.links import link_to
from messaging.models import Attachment


def attachments_of(message_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Those of each message, in the order its author gave them."""
    found: dict[int, list[dict[str, Any]]] = {message_id: [] for message_id in message_ids}
    for attachment in Attachment.objects.filter(message_id__in=message_ids).order_by("message_id", "place"):
        found[attachment.message_id or 0].append(attachment_row(attachment))
    return found


def attachment_row(attachment: Attachment) -> dict[str, Any]:
    """Width and height are there when the file is an image that tells them."""
    row = {
        "id": attachment.pk,
        "filename": attachment.filename,
        "contentType": attachment.content_type,
        "size": attachment.size,
        "url": link_to(attachment.pk, attachment.filename),
    }
    if attachment.width is not None:
        row |= {"width": attachment.width, "height": attachment.height}
    return row
