"""Whether a backup would bring everything back: it is restored into a database that is thrown away afterwards."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from audit.models import AuditEntry
from audit.selectors import audit_fault, audit_logs
from messaging.models import Attachment, Message
from projectvoice.kernel.sql import fetch
from selfhost import archive, postgres
from selfhost.archive import DUMP, FILES, Manifest
from selfhost.backup import media_folder, refuse_newer_backup

MISCOUNTED = """
    SELECT channel_id, COALESCE(tally.total, 0), COALESCE(messages.there, 0)
    FROM messaging_tally tally
    FULL JOIN (SELECT channel_id, count(*) AS there FROM messaging_message GROUP BY 1) messages USING (channel_id)
    WHERE COALESCE(tally.total, 0) <> COALESCE(messages.there, 0) ORDER BY 1 LIMIT 10
"""


class Verified(NamedTuple):
    manifest: Manifest
    messages: int
    entries: int
    """Of audit logs."""
    faults: list[str]


def backup_verify(path: Path) -> Verified:
    """Raises CommandError if it cannot be restored at all. Neither the instance's database nor its files are touched."""
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder)
        manifest = archive.unpack(path, unpacked)
        refuse_newer_backup(manifest)
        with _database_of_its_own():
            postgres.load(unpacked / DUMP)
            connections.close_all()
            call_command("migrate", interactive=False, verbosity=0)
            faults = [*_audit_faults(), *_file_faults(unpacked / FILES), *_count_faults()]
            return Verified(manifest, Message.objects.count(), AuditEntry.objects.count(), faults)


def _audit_faults() -> Iterator[str]:
    for log in audit_logs():
        if fault := audit_fault(log):
            yield f"audit log {log}: {fault}"


def _file_faults(folder: Path) -> Iterator[str]:
    """Those in a bucket are in no backup."""
    if media_folder() is None:
        return
    for number, key, size in Attachment.objects.order_by("pk").values_list("pk", "key", "size").iterator():
        path = folder / key
        if not path.is_file():
            yield f"attachment {number}: its file {key} is missing"
        elif path.stat().st_size != size:
            yield f"attachment {number}: its file {key} has {path.stat().st_size} bytes, not {size}"


def _count_faults() -> Iterator[str]:
    for channel, told, there in fetch(MISCOUNTED):
        yield f"channel {channel}: {told} messages are counted, {there} are there"


@contextmanager
def _database_of_its_own() -> Iterator[None]:
    """On the same server; inside, it is what Django's connection leads to."""
    usual, own = connection.settings_dict["NAME"], f"projectvoice_verify_{secrets.token_hex(4)}"
    name = sql.Identifier(own)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        user = connection.settings_dict["USER"]
        raise CommandError(
            f"To verify a backup {user} must be allowed to make a database: ALTER ROLE {user} CREATEDB"
        ) from error
    try:
        connection.close()
        connection.settings_dict["NAME"] = own
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
