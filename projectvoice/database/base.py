"""What Django looks for in a backend: its DatabaseWrapper."""

import math
import select
import time
from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg._preparing import Key, Prepare, PrepareManager
from psycopg._queries import PostgresClientQuery, PostgresQuery
from psycopg.errors import ConnectionTimeout, _WaitTimeout

from projectvoice.database.schema import SchemaEditor
from projectvoice.kernel.patience import patience
from telemetry import database


class Prepared(PrepareManager):
    """Counts no statement that Django filled in itself: such a text hardly comes twice, and a hundred of them were kept by each
    connection, in the place of those that do.
    """

    def maybe_add_to_cache(self, query: PostgresQuery, prep: Prepare, name: bytes) -> Key | None:
        if isinstance(query, PostgresClientQuery):
            return None if self.prepare_threshold is None else self.key(query)
        return super().maybe_add_to_cache(query, prep, name)


class Connection(psycopg.Connection[Any]):
    """Waits no longer than whoever asks has patience. Then it is of no more use: what was asked may still be done."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepared = Prepared()

    def wait(self, *args: Any, **kwargs: Any) -> Any:
        limit = patience()
        if limit is None:
            return super().wait(*args, **kwargs)
        begun = time.monotonic()
        try:
            return super().wait(*args, **{**kwargs, "timeout": max(limit.left, 0)})
        except _WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("it takes longer than anybody waits") from error
        finally:
            limit.left -= time.monotonic() - begun


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor
    Database = SimpleNamespace(**{**vars(psycopg), "connect": Connection.connect})

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute_wrappers.append(database.timed)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        connection = self._connected(conn_params)
        database.opened(connection)
        return connection

    def _connected(self, conn_params: dict[str, Any]) -> Connection:
        limit = patience()
        if limit is None:
            return super().get_new_connection(conn_params)
        if limit.left <= 0:
            raise ConnectionTimeout("nobody waits any more")
        begun = time.monotonic()
        usual = int(conn_params.get("connect_timeout", 0)) or math.inf
        try:
            return super().get_new_connection({**conn_params, "connect_timeout": math.ceil(min(limit.left, usual))})
        finally:
            limit.left -= time.monotonic() - begun

    def close_if_unusable_or_obsolete(self) -> None:
        """Called before each request, and by Channels before each question of a socket. No query is needed to ask: outside of
        one, the server has something to say only when it hangs up.
        """
        if self.connection is not None and not self.in_atomic_block and _is_dead(self.connection):
            self.close()
        super().close_if_unusable_or_obsolete()


def _is_dead(connection: psycopg.Connection) -> bool:
    if connection.closed:
        return True
    said = select.poll()  # unlike select() it knows descriptors above 1023
    said.register(connection.pgconn.socket, select.POLLIN)
    return bool(said.poll(0))
