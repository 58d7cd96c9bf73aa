"""Whether this code and a database belong together: by the names of migrations."""

from collections.abc import Iterable

from django.core.management import CommandError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from projectvoice import __version__


def unknown_of(names: Iterable[str]) -> list[str]:
    """Of `app.name`: those that no file of ours has. A migration that was released keeps its name for ever."""
    known = MigrationLoader(None).disk_migrations
    return sorted(name for name in names if tuple(name.split(".", 1)) not in known)


def refuse_newer(connection: BaseDatabaseWrapper) -> None:
    """Raises CommandError if a newer release has changed this database."""
    if unknown := unknown_of(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()):
        raise CommandError(
            f"The database is newer than this ProjectVoice {__version__}: a newer release has added {', '.join(unknown)}.\n"
            f"Start that release again. To go back one release, which that one's changes leave room for: NEWER_DATABASE=accept. "
            f"docs/upgrading.md says what each costs."
        )
