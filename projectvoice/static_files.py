"""Static files at addresses that change when any of them does: browsers keep them for a year and never mix two versions.

No build: the version stands in the path (`/static/3f9c…/web/app.js`), so what a module or style sheet names relative to itself
has it, too. Without one (`/static/sdk/index.js`) an address stays, and is asked for again after a minute.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

PREFIX = "/static/"
VERSIONED = re.compile(rf"{PREFIX}[0-9a-f]{{16}}/")


@cache
def version() -> str:
    """Of all files together, the same on every machine that has these."""
    whole = hashlib.sha256()
    for name, path in sorted(_files()):
        whole.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def _files() -> Iterator[tuple[str, Path]]:
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            yield f"{getattr(storage, 'prefix', '') or ''}/{path}", Path(storage.path(path))


class VersionedStorage(StaticFilesStorage):
    """What `static()` asks."""

    def url(self, name: str | None) -> str:
        return super().url(name).replace(PREFIX, f"{PREFIX}{version()}/", 1)


class StaticFiles(WhiteNoiseMiddleware):
    _found: ClassVar[dict[str, Any]] = {}
    """Once for a process, however often its middleware is made: each client of a test makes it anew."""

    def add_files_from_finders(self) -> None:
        if not self._found:
            super().add_files_from_finders()
            self.static_prefix = f"{PREFIX}{version()}/"
            super().add_files_from_finders()
            self._found.update(self.files)
        self.files.update(self._found)

    def immutable_file_test(self, path: str, url: str) -> bool:
        return VERSIONED.match(url) is not None

    def __call__(self, request: HttpRequest) -> Any:
        return self._other_version(request) or super().__call__(request)

    def _other_version(self, request: HttpRequest) -> HttpResponseBase | None:
        """While several web processes are renewed one after another, a page of one asks another: better ours than none."""
        path = request.path_info
        if path in self.files or not VERSIONED.match(path):
            return None
        file = self.files.get(VERSIONED.sub(PREFIX, path))
        if file is None:
            return None
        response: HttpResponseBase = self.serve(file, request)
        response["Cache-Control"] = "no-cache"
        return response
