"""A certificate that nobody signed but itself, for nginx, which makes none."""

from pathlib import Path

from tests.certificates import self_signed
from tests.deploy.engine import PROXY


def certificate(folder: Path) -> None:
    """Of localhost: fullchain.pem and privkey.pem."""
    self_signed(folder, "localhost", PROXY, certificate="fullchain.pem", key="privkey.pem")
