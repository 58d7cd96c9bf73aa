"""The drill: people write, the instance is backed up, everything is lost, and it comes back on a new folder."""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGKILL

import pytest
import requests

from bench.ports import free_port
from tests.conftest import PATIENCE
from tests.running import Running, manage, running

WRITERS = 3
BEFORE = 60  # messages that were answered before the backup begins


class People:
    """Each writes without a pause; every third message has a file."""

    def __init__(self, url: str) -> None:
        self.url, self.written = url, dict[str, bytes | None]()
        self.refused: list[str] = []
        self.token = self._post("auth/register", username="anna", email="anna@example.com", password="password123")["token"]
        server = self._post("servers", name="Anna's")["id"]
        self.channel = self._post(f"servers/{server}/channels", name="talk", type="text")["id"]
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(writer,)) for writer in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", headers={"Authorization": f"Bearer {self.token}"}, timeout=PATIENCE)

    def all_messages(self) -> list[dict]:
        messages, page = [], 1
        while found := self.get(f"api/messages?channelId={self.channel}&limit=100&page={page}").json()["messages"]:
            messages += found
            page += 1
        return messages

    def reach(self, count: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.written) < count:
            assert not self.refused
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        assert not self.refused

    def _write(self, writer: int) -> None:
        number = 0
        while not self._over.is_set():
            content, file = f"{writer} {number}", (f"of {writer} {number} ".encode() * 500 if number % 3 == 0 else None)
            try:
                ids = [self._upload(file)] if file else []
                self._post("messages", channelId=self.channel, content=content, attachmentIds=ids)
            except AssertionError as error:
                self.refused.append(str(error))
                return
            self.written[content] = file
            number += 1

    def _upload(self, content: bytes) -> int:
        data, files = {"channelId": self.channel}, {"file": ("note.txt", content, "text/plain")}
        return self._answered(
            requests.post(
                f"{self.url}api/attachments",
                data=data,
                files=files,
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=PATIENCE,
            )
        )["id"]

    def _post(self, path: str, **body: object) -> dict:
        headers = {"Authorization": f"Bearer {self.token}"} if hasattr(self, "token") else {}
        return self._answered(requests.post(f"{self.url}api/{path}", json=body, headers=headers, timeout=PATIENCE))

    @staticmethod
    def _answered(answer: requests.Response) -> dict:
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not tmp_path: under root PostgreSQL is another user, and pytest closes its folders to others."""
    with tempfile.TemporaryDirectory(prefix="projectvoice-drill-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextmanager
def serving(data_dir: Path) -> Iterator[Running]:
    """Ended in the end, if it was not lost: until then PostgreSQL writes into that folder."""
    with running("--port", str(free_port()), "--turn", "off", "--rate-limits", "off", "--data-dir", str(data_dir)) as server:
        server.until("ProjectVoice is ready", 3 * PATIENCE)  # a new database, a restored one: there is much to do before
        yield server


def address(server: Running) -> str:
    return next(line for line in server.lines if "ProjectVoice is ready" in line).split()[3]


def test_an_instance_in_use_is_backed_up_lost_and_brought_back(folder):
    lost, fresh, backup = folder / "lost", folder / "fresh", folder / "backup.tar"
    with serving(lost) as server:
        people = People(address(server))
        people.reach(BEFORE)
        before = dict(people.written)
        assert "uploaded files" in manage(str(lost), "backup", "--output", str(backup))
        people.reach(len(people.written) + WRITERS)
        people.stop()
        told = manage(str(lost), "verify_backup", str(backup))
        assert f"{backup}, of 20" in told
        assert "can be restored: " in told
        server.send(SIGKILL)
    fresh.mkdir(mode=0o711)
    shutil.copy2(lost / "secret_key", fresh / "secret_key")  # kept elsewhere, as operations.md says
    shutil.rmtree(lost, ignore_errors=True)

    assert "is as it was at 20" in manage(str(fresh), "restore", str(backup))
    assert ", unbroken; last hash " in manage(str(fresh), "verify_audit")
    with serving(fresh) as server:
        people.url = address(server)
        there = people.all_messages()
        contents = [message["content"] for message in there]
        assert len(set(contents)) == len(contents)
        assert set(before) <= set(contents) <= set(people.written)
        for message in there:
            sent = people.written[message["content"]]
            assert len(message["attachments"]) == (0 if sent is None else 1)
            for file in message["attachments"]:
                assert requests.get(people.url + file["url"].lstrip("/"), timeout=PATIENCE).content == sent
        people._post("messages", channelId=people.channel, content="life goes on")
