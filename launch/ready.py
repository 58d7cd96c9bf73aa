"""Whether a part of the instance serves, asked by its own port: what a container's HEALTHCHECK runs.

`python -m launch.ready` asks the web process, `… turn` the relay, `… push` who pushes events. Exit code 1: it does not.
"""

import http.client
import os
import secrets
import socket
import sys
from collections.abc import Sequence

from launch.console import UsageError, complain
from launch.options import Options, parse_options

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where to knock when listening everywhere
PATIENCE = 5.0
MAGIC_COOKIE = b"\x21\x12\xa4\x42"


def ask_web(options: Options) -> str:
    """Empty if it is ready; else what it says instead."""
    connection = http.client.HTTPConnection(ANYWHERE.get(options.host, options.host), options.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        response = connection.getresponse()
        text = response.read(500).decode(errors="replace")
        return "" if response.status == 200 else f"{response.status} {text}"
    except (OSError, http.client.HTTPException) as error:
        return f"nothing ({error})"
    finally:
        connection.close()


def ask_relay(options: Options, listen: str) -> str:
    """Likewise, by a STUN Binding request to the first of its addresses."""
    host = listen.partition(",")[0]
    transaction = secrets.token_bytes(12)
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(PATIENCE)
            asking.connect((ANYWHERE.get(host, host), options.turn_port))
            asking.send(b"\x00\x01\x00\x00" + MAGIC_COOKIE + transaction)
            answer = asking.recv(1500)
    except OSError as error:
        return f"nothing ({error})"
    return "" if answer[:2] == b"\x01\x01" and answer[8:20] == transaction else "something else"


def ask_push(folder: str) -> str:
    """Likewise, by the figures that it tells whoever asks in the folder VOICE_SOCKETS; one that stands by tells them too."""
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(PATIENCE)
            asking.connect(f"{folder}/push.figures")
            return "" if asking.recv(1) else "nothing"
    except OSError as error:
        return f"nothing ({error})"


def main(arguments: Sequence[str]) -> int:
    try:
        options = parse_options([], os.environ)
    except UsageError as error:
        complain(str(error))
        return 2
    if arguments == ["turn"]:
        answer = ask_relay(options, os.environ.get("TURN_LISTEN_ADDRESSES", "").strip() or "0.0.0.0")  # noqa: S104
    elif arguments == ["push"]:
        answer = ask_push(os.environ.get("VOICE_SOCKETS", "").strip())
    else:
        answer = ask_web(options)
    if answer:
        complain(f"It answers {answer}")
    return 1 if answer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
