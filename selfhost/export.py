"""A person's data as one archive: a zip of JSON arrays, a file per holding, and `about.json` that says what each is."""

import zipfile
from collections.abc import Iterable
from typing import IO, Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from projectvoice import __version__
from projectvoice.kernel.serializers import camel
from selfhost.holdings import HOLDINGS

FORMAT = 1
BATCH = 2000  # rows in memory at once


@transaction.atomic
def person_export(*, user: User, file: IO[bytes]) -> dict[str, int]:
    """Writes the archive as of one moment; the number of rows in each of its files. To be called outside of transactions."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        counts = {
            holding.name: _write(archive, holding.name, holding.rows(user).iterator(chunk_size=BATCH)) for holding in HOLDINGS
        }
        about = {
            "format": FORMAT,
            "version": __version__,
            "exportedAt": timezone.now(),
            "userId": user.pk,
            "files": {f"{each.name}.json": {"what": each.what, "rows": counts[each.name]} for each in HOLDINGS},
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


def _json(value: Any, option: int = 0) -> bytes:
    return orjson.dumps(value, option=option | orjson.OPT_UTC_Z)
