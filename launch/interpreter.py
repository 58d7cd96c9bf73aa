"""The first thing ./run and ./test do. Must be readable by every Python 3, however old."""

import os
import shutil
import subprocess
import sys

PROBE = "import sys; sys.exit(sys.version_info < (3, 11))"


def require_supported_python():  # type: () -> None
    """Return on Python >= 3.11 on a Unix; else start again under a newer Python, or explain and exit."""
    if sys.platform == "win32":
        sys.exit("ProjectVoice runs on Linux and macOS. On Windows use WSL.")
    if sys.version_info >= (3, 11):  # noqa: UP036  this file is for the older ones
        return
    for minor in range(20, 10, -1):
        newer = shutil.which("python3.%d" % minor)  # noqa: UP031
        # A pyenv shim may exist for a version that is not there.
        if newer and subprocess.call([newer, "-c", PROBE], stderr=subprocess.DEVNULL) == 0:
            os.execv(newer, [newer] + sys.argv)  # noqa: RUF005, S606
    sys.exit("ProjectVoice needs Python 3.11 or newer; this is Python %s." % sys.version.split()[0])  # noqa: UP031
