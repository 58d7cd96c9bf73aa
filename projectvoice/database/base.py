"""What Django looks for in a backend: its DatabaseWrapper."""

import select

from django.db.backends.postgresql import base
from psycopg import Connection

from projectvoice.database.schema import SchemaEditor


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    def close_if_unusable_or_obsolete(self) -> None:
        """Called before each request, and by Channels before each question of a socket. No query is needed to ask: outside of
        one, the server has something to say only when it hangs up.
        """
        if self.connection is not None and not self.in_atomic_block and _is_dead(self.connection):
            self.close()
        super().close_if_unusable_or_obsolete()


def _is_dead(connection: Connection) -> bool:
    if connection.closed:
        return True
    said = select.poll()  # unlike select() it knows descriptors above 1023
    said.register(connection.pgconn.socket, select.POLLIN)
    return bool(said.poll(0))
