"""A person's data as one archive: a zip of JSON arrays, a file per holding, with `about.json` that says what each is, and of
the files he uploaded.
"""

import shutil
import zipfile
from collections.abc import Iterable
from typing import IO, Any

import orjson
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from messaging.models import Attachment
from projectvoice import __version__
from projectvoice.kernel.serializers import camel
from selfhost.holdings import HOLDINGS

FORMAT = 1
BATCH = 2000  # rows in memory at once
CHUNK = 1 << 20  # bytes of a file likewise


@transaction.atomic
def person_export(*, user: User, file: IO[bytes]) -> dict[str, int]:
    """Writes the archive as of one moment; the number of rows in each of its files. To be called outside of transactions."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        counts = {
            holding.name: _write(archive, holding.name, holding.rows(user).iterator(chunk_size=BATCH)) for holding in HOLDINGS
        }
        missing = _pack_files(archive, user)
        about = {
            "format": FORMAT,
            "version": __version__,
            "exportedAt": timezone.now(),
            "userId": user.pk,
            "files": {f"{each.name}.json": {"what": each.what, "rows": counts[each.name]} for each in HOLDINGS},
            "missing": missing,  # attachments whose file the storage does not have
        }
        archive.writestr("about.json", _json(about, orjson.OPT_INDENT_2))
    return counts


def _write(archive: zipfile.ZipFile, name: str, rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    with archive.open(f"{name}.json", "w", force_zip64=True) as file:
        file.write(b"[")
        for count, row in enumerate(rows, 1):
            file.write(b",\n" if count > 1 else b"\n")
            file.write(_json({camel(column.replace("__", "_")): value for column, value in row.items()}))
        file.write(b"\n]\n")
    return count


def _pack_files(archive: zipfile.ZipFile, user: User) -> list[int]:
    """Each as `files/<id of the attachment>/<name>`, a chunk in memory at a time; the ids of those that are not there."""
    missing = []
    files = Attachment.objects.filter(user=user).order_by("pk").values_list("pk", "key", "filename")
    for pk, key, filename in files.iterator(chunk_size=BATCH):
        try:
            stored = default_storage.open(key)
        except FileNotFoundError:
            missing.append(pk)
            continue
        with stored, archive.open(f"files/{pk}/{filename}", "w", force_zip64=True) as packed:
            shutil.copyfileobj(stored, packed, CHUNK)
    return missing


def _json(value: Any, option: int = 0) -> bytes:
    return orjson.dumps(value, option=option | orjson.OPT_UTC_Z)
