"""An authenticator app in somebody's hand, and the clock that it shares with the instance."""

from base64 import b32decode
from types import SimpleNamespace
from typing import Any

from accounts.totp import STEP, code_at
from tests.factories import PASSWORD


class App:
    def __init__(self, secret: str, clock: SimpleNamespace) -> None:
        self.secret, self.clock = b32decode(secret), clock
        self.recovery_codes: list[str] = []

    def code(self, steps: int = 0) -> str:
        """That of now, or of some steps of time later."""
        return code_at(self.secret, self.clock.now + steps * STEP)

    def fresh(self) -> str:
        """One that was not used before: time goes on until there is one."""
        self.clock.now += STEP
        return self.code()


def enrol(api: Any, clock: SimpleNamespace) -> App:
    """The app of whoever `api` is signed in as; two-factor authentication is on afterwards."""
    app = App(api.post("/api/auth/two-factor/setup", {"password": PASSWORD}).json()["secret"], clock)
    answer = api.post("/api/auth/two-factor/enable", {"code": app.fresh()})
    assert answer.status_code == 200, answer.json()
    app.recovery_codes = answer.json()["recoveryCodes"]
    return app
