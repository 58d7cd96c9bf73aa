"""How log lines look."""

import logging


class OneLine(logging.Filter):
    """For libraries that report a lost connection by a traceback a second: what happened fits in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = "%s: %s", (record.getMessage(), record.exc_info[1])
            record.exc_info = None
        return True
