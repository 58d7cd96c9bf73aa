"""The C data path's reading of bytes, by `plane.c`; None where there is no compiler."""

import ctypes
import functools
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from turn.plane.base import Limits
from turn.plane.build import FLAGS, SOURCE
from turn.plane.native import _told, load

SHIM = Path(__file__).with_name("plane.c")


class Seen(NamedTuple):
    """A Send indication."""

    host: bytes
    port: int
    data: bytes
    whole: bool


class CPlane:
    def __init__(self, library: Path) -> None:
        self._c = load(library)
        limits = Limits(control_queue=1, control_rate=1, stream_buffer=8192, stream_patience=1, first_patience=1)
        self._plane = ctypes.c_void_p(self._c.relay_create(1, _told(limits), 1))

    def frame(self, data: bytes) -> int:
        """Bytes of the frame that stands first, with padding. 0: it is not whole; -1: none begins here."""
        return self._c.seen_frame(data, len(data))

    def is_message(self, data: bytes) -> bool:
        return bool(self._c.seen_message(data, len(data)))

    def indication(self, data: bytes) -> Seen | None:
        host, told = ctypes.create_string_buffer(16), (ctypes.c_uint32 * 5)()
        if not self._c.seen_indication(self._plane, data, len(data), host, told):
            return None
        size, port, at, length, whole = told
        return Seen(host.raw[16 - size :], port, data[at : at + length], bool(whole))


@functools.cache
def c_plane() -> CPlane | None:
    """Built once, beside the interpreter's packages."""
    if shutil.which("cc") is None:
        return None
    name = hashlib.sha256(SOURCE.read_bytes() + SHIM.read_bytes()).hexdigest()[:16]
    library = Path(sys.prefix) / f"fuzz-{name}.so"
    if not library.is_file():
        with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
            half = Path(scratch) / library.name
            subprocess.run(["cc", "-pthread", *FLAGS, "-o", str(half), str(SHIM)], check=True, timeout=120)
            half.replace(library)
    return CPlane(library)
