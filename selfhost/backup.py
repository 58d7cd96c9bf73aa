"""A backup of the instance, and its way back."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from events.log import restart
from projectvoice import __version__
from selfhost import archive, postgres
from selfhost.archive import DUMP, FILES, Manifest
from selfhost.versions import unknown_of
from selfhost.whole_file import whole_file

OWN_NAME = re.compile(r"projectvoice-\d{8}T\d{6}Z\.tar")
STAGING = ".restore-"  # in the folder of uploaded files; a name with a dot is in no backup


def own_name() -> str:
    return f"projectvoice-{timezone.now():%Y%m%dT%H%M%SZ}.tar"


def media_folder() -> Path | None:
    """Where uploaded files lie, if that is a folder."""
    location = settings.STORAGES["default"].get("OPTIONS", {}).get("location") or settings.MEDIA_ROOT
    return Path(location) if location else None


def backup_write(path: Path) -> Manifest:
    """The database as of one moment, and after it the uploaded files, so that no row is without its file."""
    if postgres.is_empty():
        raise CommandError(f"The database {connection.settings_dict['NAME']} holds nothing to back up.")
    with whole_file(path) as file, tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        dump = Path(folder) / DUMP
        manifest = _dump(dump)
        archive.write(file, dump, media_folder(), manifest)
    return manifest


def backups_forget(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest of those that carry our name."""
    ours = sorted(path for path in folder.iterdir() if OWN_NAME.fullmatch(path.name))
    gone = ours[:-keep]
    for path in gone:
        path.unlink()
    return gone


def backup_restore(path: Path, *, replace: bool, agreed: Callable[[Manifest], None]) -> Manifest:
    """Checks all there is to check, asks `agreed`, and puts the backup in the place of the database and the uploaded files."""
    media = media_folder()
    with _staging(media) as staging:
        manifest = archive.unpack(path, staging)
        refuse_newer_backup(manifest)
        if manifest.files and media is None:
            raise CommandError("The backup holds uploaded files, and the settings name no folder for them.")
        if not replace:
            _refuse_full(media)
        agreed(manifest)
        postgres.load(staging / DUMP)
        if media:
            _swap(media, staging)
    connections.close_all()  # they know the tables that were
    call_command("migrate", interactive=False, verbosity=0)
    restart()  # of the log: whoever has heard more than this backup knows loads anew
    postgres.analyze()
    return manifest


def _dump(dump: Path) -> Manifest:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version')")
        snapshot, server = cursor.fetchone()
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        migrations = [name for (name,) in cursor.fetchall()]
        postgres.dump(dump, snapshot)
    return Manifest(__version__, timezone.now().isoformat(timespec="seconds"), server, migrations)


def refuse_newer_backup(manifest: Manifest) -> None:
    """Raises CommandError if this code does not know what is in it."""
    if unknown := unknown_of(manifest.migrations):
        raise CommandError(
            f"The backup comes from ProjectVoice {manifest.version}, newer than this {__version__}: "
            f"it has {', '.join(unknown)}. Restore it with that version."
        )


def _refuse_full(media: Path | None) -> None:
    if not postgres.is_empty():
        raise CommandError(
            f"The database {connection.settings_dict['NAME']} is not empty. --replace puts the backup in its place."
        )
    if media and any(_settled(media)):
        raise CommandError(f"{media} is not empty. --replace puts the backup in its place.")


@contextmanager
def _staging(media: Path | None) -> Iterator[Path]:
    """Beside the uploaded files' later place, which may be a mount of its own: moving them there takes no time."""
    if media:
        media.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=STAGING, dir=media) as folder:
        yield Path(folder)


def _swap(media: Path, staging: Path) -> None:
    (staging / FILES).mkdir(exist_ok=True)
    (staging / "before").mkdir()
    for path in list(_settled(media)):
        path.rename(staging / "before" / path.name)
    for path in list((staging / FILES).iterdir()):
        path.rename(media / path.name)


def _settled(media: Path) -> Iterator[Path]:
    return (path for path in media.iterdir() if not path.name.startswith(STAGING))
