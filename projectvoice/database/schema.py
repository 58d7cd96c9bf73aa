"""How migrations change tables."""

from typing import Self

from django.db.backends.postgresql.schema import DatabaseSchemaEditor

LOCK_TIMEOUT = "3s"


class SchemaEditor(DatabaseSchemaEditor):
    """Within a migration that is one transaction, no lock is waited for longer than this: whoever waits for a table holds up all
    who come after him. `migrate` tries again. Migrations that are no transaction may wait: what they wait for holds up nobody.
    """

    def __enter__(self) -> Self:
        super().__enter__()
        if self.atomic_migration:
            self.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        return self
