"""What must stay secret is in no line of the log, however much is logged: a life with all that is handed out and said."""

import hashlib
import json
import re
import time
from base64 import b32decode
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as websocket

from tests.authenticator import App
from tests.conftest import PATIENCE, Instance
from tests.protocol.raw import websocket_url

PASSWORD, NEW, WRONG = "planted-password-1", "planted-password-2", "planted-password-3"
SAID = "planted words of a message"
SDP = "v=0\r\no=- planted-description 2 IN IP4 198.51.100.77"
CANDIDATE = "candidate:1 1 udp 2122260223 198.51.100.78 50000 typ host"
# Every logger at DEBUG, whatever the settings say.
LOUD = """
import logging.config
quiet = logging.config.dictConfig
def loud(config):
    if "root" in config:
        loggers = {name: {**logger, "level": "DEBUG"} for name, logger in config.get("loggers", {}).items()}
        config = {**config, "root": {**config["root"], "level": "DEBUG"}, "loggers": loggers}
    quiet(config)
logging.config.dictConfig = loud
"""


def event(name: str, *arguments: object) -> str:
    return f"42{json.dumps([name, *arguments])}"


class Life:
    """What somebody does, and every secret that came up meanwhile."""

    def __init__(self, instance: Instance, mail: Path) -> None:
        self.instance, self.mail, self.token = instance, mail, ""
        self.secrets: dict[str, str] = {}

    def plant(self, name: str, value: str) -> str:
        assert len(value) >= 8, name
        self.secrets[name] = value
        return value

    def do(self, method: str, path: str, status: int = 200, **body: object) -> dict:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = requests.request(
            method, f"{self.instance.url}/api{path}", json=body or None, headers=headers, timeout=PATIENCE
        )
        assert answer.status_code == status, (path, answer.text)
        return answer.json() if answer.content else {}

    def token_in_letter(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while not (found := [match for file in self.mail.glob("*") if (match := re.search(r"#(\S{20,})", file.read_text()))]):
            assert time.monotonic() < deadline, "no letter came"
            time.sleep(0.05)
        return found[0][1]

    def account(self) -> None:
        for name, value in {"password": PASSWORD, "new password": NEW, "wrong password": WRONG}.items():
            self.plant(name, value)
        email = f"{self.instance.sign_up()['user']['username']}.planted@example.com"
        made = self.do("POST", "/auth/register", 201, username=email.partition("@")[0][-20:], email=email, password=PASSWORD)
        self.token, me = self.plant("token", made["token"]), made["user"]["id"]
        self.do("POST", "/auth/login", 400, email=email, password=WRONG)
        self.do("PUT", f"/auth/users/{me}/password", 200, oldPassword=PASSWORD, newPassword=NEW)
        self.do("POST", "/auth/password/forgot", 200, email=email)
        ticket = self.plant("reset link", self.token_in_letter())
        self.do("POST", "/auth/password/reset", 200, token=ticket, newPassword=PASSWORD)
        self.do("POST", "/auth/password/reset", 400, token=ticket, newPassword=PASSWORD)
        self.token = ""
        self.token = self.plant("second token", self.do("POST", "/auth/login", email=email, password=PASSWORD)["token"])
        setup = self.do("POST", "/auth/two-factor/setup", password=PASSWORD)
        self.plant("second factor", setup["secret"])
        app = App(setup["secret"], SimpleNamespace(now=time.time()))
        codes = self.do("POST", "/auth/two-factor/enable", code=app.code())["recoveryCodes"]
        for number, code in enumerate(codes):
            self.plant(f"recovery code {number}", code)
        asked = requests.post(
            f"{self.instance.url}/api/auth/login", json={"email": email, "password": PASSWORD}, timeout=PATIENCE
        )
        self.plant("ticket", asked.json()["twoFactor"]["ticket"])
        self.do("POST", "/auth/two-factor/login", ticket=asked.json()["twoFactor"]["ticket"], code=codes[0])

    def server(self) -> int:
        """A voice channel's id."""
        server = self.do("POST", "/servers", 201, name="Server")["id"]
        text = self.do("POST", f"/servers/{server}/channels", 201, name="talk", type="text")["id"]
        voice = self.do("POST", f"/servers/{server}/channels", 201, name="lobby", type="voice")["id"]
        invite = self.plant("invite", self.do("POST", f"/invite/{server}/invite", 201)["invite"]["token"])
        self.do("POST", f"/invite/invite/{invite}/accept", 400)
        self.do("POST", "/messages", 201, channelId=text, content=self.plant("message", SAID))
        hook = self.do("POST", f"/servers/{server}/channels/{text}/webhooks", 201, name="Builds")
        self.plant("webhook", hook["token"])
        assert requests.post(self.instance.url + hook["url"], json={"content": SAID}, timeout=PATIENCE).status_code == 204
        told = {"url": "http://127.0.0.1:9/planted-path-of-a-hook", "kinds": ["message-created"]}
        pushed = self.do("POST", f"/servers/{server}/event-hooks", 201, **told)
        self.plant("secret of an event hook", pushed["secret"])
        self.do("POST", f"/event-hooks/{pushed['id']}/ping", 200)
        bot = self.do("POST", "/bots", 201, username=f"bot{server}")["id"]
        self.plant("token of a bot", self.do("POST", f"/bots/{bot}/tokens", 201, name="x", scopes=["voice"])["token"])
        ice = self.do("GET", "/voice/ice-servers")["iceServers"]
        self.plant("credential", next(one["credential"] for one in ice if "credential" in one))
        self.file(text)
        return voice

    def file(self, channel: int) -> None:
        answer = requests.post(
            f"{self.instance.url}/api/attachments",
            data={"channelId": str(channel)},
            files={"file": ("a.txt", SAID.encode())},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=PATIENCE,
        )
        signature = self.plant("signature", answer.json()["url"].partition("signature=")[2])
        link = self.instance.url + answer.json()["url"]
        assert requests.get(link, timeout=PATIENCE).status_code == 200
        assert requests.get(link.replace(signature, signature[::-1]), timeout=PATIENCE).status_code in {401, 403, 404}

    def call(self, channel: int) -> None:
        """A real one, and handshakes that go wrong with secrets in their addresses."""
        self.plant("description", SDP.split()[2])
        self.plant("candidate", CANDIDATE.split()[4])
        self.plant("broken frame", "planted-end-of-a-frame")
        with websocket(websocket_url(self.instance, "/socket", token=self.token)) as socket:
            socket.recv(PATIENCE)
            socket.send("40")
            assert str(socket.recv(PATIENCE)).startswith("40")
            socket.send(event("join-room", channel, self.token))
            while "created" not in (said := str(socket.recv(PATIENCE))):
                pass
            own = json.loads(said[2:])[1]["participants"][0]["socketId"]
            for body in ({"type": "offer", "sdp": SDP}, {"type": "candidate", "candidate": CANDIDATE}):
                socket.send(event("signal", {"to": own, **body}))
                socket.send(event("signal", {"to": 5, **body}))
            socket.send(event("join-room", channel, {"token": self.token}) + "planted-end-of-a-frame")
            with suppress(ConnectionClosed):
                while True:
                    socket.recv(PATIENCE)
        bad = self.plant("token that is none", "planted.token.of-nobody")
        for path in ("/socket", "/socket.io", "/ws", "/nothing"):
            with suppress(InvalidStatus, ConnectionClosed), websocket(websocket_url(self.instance, path, token=bad)) as socket:
                socket.send(f'40{{"token":"{bad}"}}')
                socket.send("1")  # and leaves
                while True:
                    socket.recv(PATIENCE)

    def mistakes(self) -> None:
        """Bodies that cannot be read, and one that is too large, with a password in each."""
        for body in (f'{{"password": "{PASSWORD}"', f'["{PASSWORD}"]', f'"{PASSWORD}{"x" * 1_000_001}"'):
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}x"}
            answer = requests.post(
                f"{self.instance.url}/api/auth/login?token={self.token}", body, headers=headers, timeout=PATIENCE
            )
            assert 400 <= answer.status_code < 500


def test_no_secret_is_logged(instance: Instance, tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(LOUD)
    relay = {"TURN": "on", "TURN_URLS": "turn:relay.example.com:3478", "TURN_SECRET": hashlib.sha256(b"planted").hexdigest()}
    mail = {"EMAIL_URL": f"file://{tmp_path / 'mail'}"}
    own = Instance(instance.env | {"PYTHONPATH": str(tmp_path), "EVENT_HOOKS_ALLOW_PRIVATE": "on", **relay, **mail})
    log = tmp_path / "log"
    with log.open("wb") as file:
        own.log = file.fileno()
        own.start()
        try:
            life = Life(own, tmp_path / "mail")
            life.account()
            life.call(life.server())
            life.mistakes()
        except Exception as error:
            error.add_note(log.read_text(errors="replace")[-3000:])
            raise
        finally:
            own.stop()
    for name in ("SECRET_KEY", "TURN_SECRET"):
        life.plant(name, own.env[name])
    life.plant("second factor, unpacked", b32decode(life.secrets["second factor"]).hex())
    written = log.read_text(errors="replace")
    assert "DEBUG" in written
    assert "invite/invite/…/accept" in written  # instead of the path, which is a key
    assert {name: lines_with(value, written) for name, value in life.secrets.items() if value in written} == {}


def lines_with(value: str, text: str) -> list[str]:
    return [line[:300] for line in text.splitlines() if value in line][:3]
