"""Folders for servers that must not run as root, and for sockets whose path must be short."""

import hashlib
import os
import pwd
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from launch.console import LaunchError

LONGEST_SOCKET_FOLDER = 80  # the whole path must stay below 104 bytes on macOS
SHARED = Path("/var/lib/projectvoice")  # root's own place that other users may enter


def unprivileged_user() -> tuple[int, int] | None:
    """Whom a server runs as that refuses root; None when we are somebody else already."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def make_data_dir(path: Path) -> None:
    """Closed to others, except that root lets its unprivileged servers through to their own folders."""
    try:
        if not path.exists():
            make_enterable(path)
            path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        if not path.is_dir():
            raise LaunchError(f"{path} is not a folder.")
        if not os.access(path, os.W_OK | os.X_OK):
            raise LaunchError(f"{path} belongs to another user; choose another folder with --data-dir.")
    except OSError as error:
        raise LaunchError(f"Cannot make the folder {path}: {error.strerror}.") from error


def make_enterable(path: Path) -> None:
    """mkdir -p whose new folders everybody may enter, whatever the umask."""
    for folder in [*reversed(path.parents), path]:
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o755)


def others_may_enter(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents])


def others_may_read(paths: Iterable[Path]) -> bool:
    return all(path.stat().st_mode & stat.S_IROTH and others_may_enter(path.parent) for path in paths)


def make_private(path: Path, user: tuple[int, int] | None) -> None:
    """A folder for one user alone: the given one, else ourselves."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user and (path.stat().st_uid, path.stat().st_gid) != user:
        os.chown(path, *user)
    path.chmod(0o700)


def short_name(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def socket_folder(home: Path, user: tuple[int, int] | None) -> Path:
    """The folder itself, or a short one elsewhere when a socket's path would grow too long for the kernel."""
    if len(os.fsencode(home)) <= LONGEST_SOCKET_FOLDER:
        return home
    folder = Path(tempfile.gettempdir()) / f"projectvoice-{short_name(home)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), user[0] if user else os.geteuid()}:
        raise LaunchError(f"{folder} belongs to another user.")
    make_private(folder, user)
    return folder
