"""The file itself. Local files are served here; those in a bucket by the bucket, over an address that it signs."""

from collections.abc import Iterator
from typing import IO, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.utils.http import content_disposition_header

from messaging.attachments.content import SHOWN, UNKNOWN
from messaging.attachments.ranges import byte_range
from messaging.errors import AttachmentNotFound, RangeNotSatisfiable
from messaging.models import Attachment

PIECE = 1 << 16
BUCKET_LINK = 300  # seconds
CACHE = "private, max-age=3600"


class Piecewise:
    """Some bytes of a file, read piece by piece as the client takes them."""

    def __init__(self, file: IO[bytes], wanted: range) -> None:
        self.file, self.wanted = file, wanted

    def __iter__(self) -> Iterator[bytes]:
        left = len(self.wanted)
        self.file.seek(self.wanted.start)
        while left and (piece := self.file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

    def close(self) -> None:
        """Called when the answer is through or the client has gone."""
        self.file.close()


def file_response(attachment: Attachment, *, method: str, asked_range: str) -> HttpResponseBase:
    """`asked_range` is the Range header, or empty."""
    if settings.ATTACHMENT_STORAGE == "s3":
        return _redirect(attachment, method)
    wanted = byte_range(asked_range, attachment.size)
    if wanted is not None and not wanted:
        raise RangeNotSatisfiable(attachment.size)
    try:
        file = cast("IO[bytes]", default_storage.open(attachment.key))
    except FileNotFoundError as error:
        raise AttachmentNotFound from error
    sent = range(attachment.size) if wanted is None else wanted
    headers = {"Content-Length": str(len(sent)), "Accept-Ranges": "bytes", "Cache-Control": CACHE}
    headers |= {"Content-Type": _type(attachment), "Content-Disposition": _disposition(attachment)}
    response = StreamingHttpResponse(Piecewise(file, sent), status=200 if wanted is None else 206, headers=headers)
    if wanted is not None:
        response.headers["Content-Range"] = f"bytes {sent.start}-{sent.stop - 1}/{attachment.size}"
    return _sealed(response)


def _redirect(attachment: Attachment, method: str) -> HttpResponseBase:
    headers = {"ResponseContentType": _type(attachment), "ResponseContentDisposition": _disposition(attachment)}
    parameters = {**headers, "ResponseCacheControl": CACHE}
    response = HttpResponseRedirect(
        default_storage.url(attachment.key, parameters=parameters, expire=BUCKET_LINK, http_method=method)  # type: ignore[call-arg]
    )
    response.headers["Cache-Control"] = "no-store"
    return _sealed(response)


def _type(attachment: Attachment) -> str:
    """What is not shown has no type that a page could use it by: not as a script, not as a style."""
    return attachment.content_type if attachment.content_type in SHOWN else UNKNOWN


def _disposition(attachment: Attachment) -> str:
    return content_disposition_header(attachment.content_type not in SHOWN, attachment.filename) or "attachment"


def _sealed(response: HttpResponseBase) -> HttpResponseBase:
    """Opened as a page of its own it can run nothing; other origins may show it, as any holder of its address may."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
