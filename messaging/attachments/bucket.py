"""The storage for `ATTACHMENT_STORAGE=s3`. Imported then only, and boto3 with it."""

from types import SimpleNamespace
from typing import Any

from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):
    """One connection for all threads: of it only the client and one bucket are used, as django-storages does anyway.

    It would make a connection per thread: 0.3 s of work each time.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._connections = SimpleNamespace()
