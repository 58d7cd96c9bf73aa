"""Argon2id, a bounded number at once: a rush of sign-ins must not take the memory or the cores from everybody else."""

import os
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

_slots = BoundedSemaphore(max(2, os.cpu_count() or 2))


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    # OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _slots:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _slots:
            return super().verify(password, encoded)
