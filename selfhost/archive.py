"""A backup file: a tar of `database.dump`, `files/…` and, last, `manifest.json` with the sum of each. Without it nothing is whole."""

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, cast

from django.core.management import CommandError

FORMAT = 1
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
CHUNK = 1 << 20


@dataclass
class Manifest:
    version: str  # of ProjectVoice
    created_at: str
    postgresql: str
    migrations: list[str]
    parts: dict[str, str] = field(default_factory=dict)  # name → sha256
    format: int = FORMAT

    @property
    def files(self) -> int:
        return len(self.parts) - 1


def write(file: IO[bytes], dump: Path, media: Path | None, manifest: Manifest) -> None:
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, path in [(DUMP, dump), *_uploaded(media)]:
            try:
                part = path.open("rb")
            except FileNotFoundError:  # deleted since: the database was dumped before
                continue
            with part:
                manifest.parts[name] = _add(tar, name, part, os.fstat(part.fileno()).st_size)
        told = json.dumps(asdict(manifest), indent=1).encode()
        _add(tar, MANIFEST, BytesIO(told), len(told))


def unpack(path: Path, into: Path) -> Manifest:
    """Puts the parts into a folder. Raises CommandError unless the file is whole and each part is what was put in."""
    try:
        with tarfile.open(path, "r:") as tar:
            return _checked(tar, into)
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror or error}") from error
    except (tarfile.TarError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CommandError(f"{path} is damaged, or no backup: {error}") from error


def _checked(tar: tarfile.TarFile, into: Path) -> Manifest:
    sums: dict[str, str] = {}
    told: bytes | None = None
    for member in tar:
        content = tar.extractfile(member)
        if content is None or told is not None:
            raise ValueError(f"{member.name} does not belong here")
        if member.name == MANIFEST:
            told = content.read()
            continue
        target = into / _safe(member.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            summing = _Summing(content)
            shutil.copyfileobj(summing, file, CHUNK)
        sums[member.name] = summing.sum
    if told is None:
        raise ValueError("its end is missing")
    return _manifest(told, sums)


def _manifest(told: bytes, sums: dict[str, str]) -> Manifest:
    values = json.loads(told)
    if values["format"] != FORMAT:
        raise CommandError(f"This backup has format {values['format']}; this code reads format {FORMAT}")
    manifest = Manifest(**values)
    for name in sorted(manifest.parts.keys() | sums.keys() | {DUMP}):
        if name not in sums or manifest.parts.get(name) != sums[name]:
            raise ValueError(f"{name} is not what was put in")
    return manifest


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if name != DUMP and (len(path.parts) < 2 or path.parts[0] != FILES or ".." in path.parts):
        raise ValueError(f"{name} does not belong here")
    return path


def _uploaded(media: Path | None) -> Iterator[tuple[str, Path]]:
    """Beginning with a dot: what is not finished."""
    for path in sorted(media.rglob("*")) if media else ():
        within = path.relative_to(media or "")
        if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in within.parts):
            yield f"{FILES}/{within.as_posix()}", path


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> str:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    summing = _Summing(content)
    tar.addfile(member, cast(IO[bytes], summing))
    return summing.sum


class _Summing:
    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        return data

    @property
    def sum(self) -> str:
        return self._hash.hexdigest()
