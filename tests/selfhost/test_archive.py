"""A backup file of somebody else's making writes nothing outside the folder it is unpacked into."""

import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import CommandError

from selfhost import archive

HOSTILE = {
    "above": ("files/../../outside", tarfile.REGTYPE, ""),
    "absolute": ("/tmp/outside", tarfile.REGTYPE, ""),
    "elsewhere": ("settings.py", tarfile.REGTYPE, ""),
    "a symbolic link": ("files/link", tarfile.SYMTYPE, "../../outside"),
    "a hard link": ("files/link", tarfile.LNKTYPE, "../../outside"),
    "a device": ("files/device", tarfile.CHRTYPE, ""),
    "a pipe": ("files/pipe", tarfile.FIFOTYPE, ""),
    "a folder": ("files", tarfile.DIRTYPE, ""),
}


def tar_of(path: Path, *members: tuple[str, bytes, str]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, kind, link in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, link
            member.size = 3 if kind == tarfile.REGTYPE else 0
            tar.addfile(member, BytesIO(b"bad") if member.size else None)
    return path


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_reaches_out_is_refused(tmp_path: Path, kind: str):
    into = tmp_path / "deep" / "into"
    into.mkdir(parents=True)
    before = tar_of(tmp_path / "bad.tar", HOSTILE[kind]).read_bytes()
    with pytest.raises(CommandError, match="is damaged, or no backup"):
        archive.unpack(tmp_path / "bad.tar", into)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "bad.tar"]
    assert (tmp_path / "bad.tar").read_bytes() == before


def test_a_name_twice_does_not_overwrite(tmp_path: Path):
    twice = ("files/one", tarfile.REGTYPE, "")
    with pytest.raises(CommandError):
        archive.unpack(tar_of(tmp_path / "bad.tar", twice, twice), tmp_path)


def test_nothing_is_unpacked_from_what_is_packed(tmp_path: Path):
    """So a small file cannot become a large one."""
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo(archive.DUMP)
        member.size = 1 << 20
        tar.addfile(member, BytesIO(bytes(member.size)))
    with pytest.raises(CommandError, match="is damaged, or no backup"):
        archive.unpack(tmp_path / "bad.tar.gz", tmp_path)
