"""Every process of the instance is renewed, one after another, while people use it through the proxies: no request fails."""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import pytest
import requests

from tests.conftest import PATIENCE
from tests.deploy.conftest import Front
from tests.deploy.engine import START, until

UNKNOWN = {"code": 1, "message": "Session ID unknown"}
PROCESSES = ("web-a", "web-b", "voice-a", "voice-b")
PAUSE = 0.1  # seconds between two requests of one client
NOTICED = 2  # seconds until a proxy has asked who is there again, as docs/deployment.md says
Act = Callable[[requests.Session], None]


class Load:
    """Does one thing over and over in a thread of its own. `failures` must stay empty, `done` grow."""

    def __init__(self, front: Front, act: Act) -> None:
        self.done, self.failures = 0, list[str]()
        self._act, self._session, self._stop = act, front.session(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=front.proxy)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._act(self._session)
                self.done += 1
            except (requests.RequestException, AssertionError) as error:
                self.failures.append(repr(error)[:500])
            self._stop.wait(PAUSE)


class Writer:
    """Writes messages, none twice, and reads them."""

    def __init__(self, front: Front) -> None:
        self.front, self.written = front, list[str]()
        self._user = front.sign_up("writer")
        token = self._user["token"]
        server = front.api("POST", "/servers", token, name="Server").json()["id"]
        self._channel = front.api("POST", f"/servers/{server}/channels", token, name="talk", type="text").json()["id"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def write(self, session: requests.Session) -> None:
        text = secrets.token_hex(8)
        body = {"channelId": self._channel, "content": text}
        answer = session.post(f"{self.front.url}/api/messages", json=body, headers=self._headers, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        self.written.append(text)

    def read(self, session: requests.Session) -> None:
        query = {"channelId": self._channel, "limit": 1}
        answer = session.get(f"{self.front.url}/api/messages", params=query, headers=self._headers, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text

    def kept(self) -> list[str]:
        found: list[str] = []
        before: dict[str, int] = {}
        while True:
            query = {"channelId": self._channel, "limit": 100, **before}
            page = self.front.session().get(
                f"{self.front.url}/api/messages", params=query, headers=self._headers, timeout=PATIENCE
            )
            messages = page.json()["messages"]
            if not messages:
                return found
            found += [message["content"] for message in messages]
            before = {"before": min(message["id"] for message in messages)}


class Poller:
    """Holds a session of long polling, and opens a new one when nobody knows it any more."""

    def __init__(self, front: Front) -> None:
        self._url = f"{front.url}/socket.io/?EIO=4&transport=polling"
        self._sid = ""
        self.opened: list[str] = []

    def poll(self, session: requests.Session) -> None:
        if not self._sid:
            answer = session.get(self._url, timeout=PATIENCE)
            assert answer.status_code == 200, answer.text
            self._sid = json.loads(answer.text[1:])["sid"]
            self.opened.append(self._sid)
            self._say(session, "40")
        else:
            self._say(session, '42["join",{}]')  # which is answered, if only by an error
        answer = session.get(f"{self._url}&sid={self._sid}", timeout=PATIENCE)
        self._judge(answer)

    def _say(self, session: requests.Session, packet: str) -> None:
        self._judge(session.post(f"{self._url}&sid={self._sid}", data=packet, timeout=PATIENCE))

    def _judge(self, answer: requests.Response) -> None:
        if answer.status_code != 200:
            assert (answer.status_code, answer.json()) == (400, UNKNOWN)
            self._sid = ""


@contextmanager
def loads(acts: Mapping[Act, Front]) -> Iterator[list[Load]]:
    begun = [Load(front, act) for act, front in acts.items()]
    try:
        yield begun
    finally:
        for load in begun:
            load.end()


def all_went_on(running: list[Load], before: list[int]) -> bool:
    return all(load.done > done for load, done in zip(running, before, strict=True))


def test_no_request_fails_while_all_processes_are_renewed(fronts: Mapping[str, Front]) -> None:
    if not fronts:
        pytest.skip("neither caddy nor nginx is installed")
    writers = [Writer(front) for front in fronts.values()]
    pollers = [Poller(front) for front in fronts.values()]
    acts: dict[Act, Front] = {}
    for front, writer, poller in zip(fronts.values(), writers, pollers, strict=True):
        acts |= {writer.write: front, writer.read: front, poller.poll: front}
    engine = next(iter(fronts.values())).engine
    with loads(acts) as running:
        for process in PROCESSES:
            before = [load.done for load in running]
            engine.renew(process)
            until(partial(all_went_on, running, before), lambda: str([load.failures for load in running]), within=START)
            time.sleep(NOTICED)
    assert [load.failures for load in running] == [[]] * len(running)
    for writer in writers:
        assert sorted(writer.kept()) == sorted(writer.written)
    for poller in pollers:
        assert len(poller.opened) > 1
