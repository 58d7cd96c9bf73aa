"""Mail, beside the request: nobody waits for a mail server, and no request fails by one."""

import logging
from collections.abc import Callable
from functools import cache
from queue import Full, Queue
from threading import Thread

logger = logging.getLogger(__name__)

SENDERS = 2
waiting: "Queue[Callable[[], object]]" = Queue(maxsize=1000)
"""Each call composes a mail and sends it, without the database: a thread of ours has no connection."""


def post(send: Callable[[], object]) -> None:
    """It is tried once. What still waits when the process ends is lost."""
    _senders()
    try:
        waiting.put_nowait(send)
    except Full:
        logger.error("%s mails are waiting: one more was dropped", waiting.maxsize)


@cache
def _senders() -> list[Thread]:
    """They begin with the first mail, and end with the process."""
    threads = [Thread(target=_send_all, name=f"mail {number}", daemon=True) for number in range(SENDERS)]
    for thread in threads:
        thread.start()
    return threads


def _send_all() -> None:
    while True:
        send = waiting.get()
        try:
            send()
        except Exception:  # the edge of this thread: mail servers and wrong settings fail in many ways
            logger.exception("A mail was not sent")
        finally:
            waiting.task_done()
