"""Whether this process is about to end: it finishes what it has begun, and whoever asks for its readiness is sent elsewhere."""

import threading
from typing import Final

draining: Final = threading.Event()
