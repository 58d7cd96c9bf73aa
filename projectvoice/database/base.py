"""What Django looks for in a backend: its DatabaseWrapper."""

import math
import select
import time
from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import ConnectionTimeout, _WaitTimeout

from projectvoice.kernel.patience import patience


class Connection(psycopg.Connection[Any]):
    """Waits no longer than whoever asks has patience. Then it is of no more use: what was asked may still be done."""

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
    Database = SimpleNamespace(**{**vars(psycopg), "connect": Connection.connect})

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
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
