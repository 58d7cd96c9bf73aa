#!/usr/bin/env python3
"""Signs in to a ProjectVoice instance, says something if asked to, and prints what happens there, one event a line.

    pip install -r requirements.txt
    python listen.py https://voice.example.com ann@example.com --say 7 "Hello, everybody"

What the session needs is kept in a file: started again, it signs in with what it has and first tells what was missed.
The password is asked for, or read from PROJECTVOICE_PASSWORD.
"""

import argparse
import asyncio
import contextlib
import getpass
import json
import os
import signal
import sys
from pathlib import Path

import requests
import socketio

NAMESPACE = "/socket"


class Api:
    """The REST side: a token, and errors by the server's own words."""

    def __init__(self, url, token=None):
        self.url, self.token = url.rstrip("/"), token

    def __call__(self, method, path, **body):
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        answer = requests.request(method, self.url + path, json=body or None, headers=headers, timeout=30)
        if not answer.ok:
            raise Refused(answer)
        return answer.json() if answer.content else None

    def sign_in(self, email, password):
        try:
            answer = self("POST", "/api/auth/login", email=email, password=password)
        except Refused as refused:
            if not (second := refused.told.get("twoFactor")):
                raise
            code = input("Code of your authenticator: ")
            answer = self("POST", "/api/auth/two-factor/login", ticket=second["ticket"], code=code)
        self.token = answer["token"]

    def is_signed_in(self):
        try:
            return bool(self.token and self("GET", "/api/auth/me"))
        except Refused as refused:
            if refused.status == 401:
                return False
            raise


class Refused(Exception):
    def __init__(self, answer):
        self.status = answer.status_code
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        self.told = answer.json() if is_json else {}
        super().__init__(self.told.get("error") or f"HTTP {self.status}")


class Kept:
    """The token and the number of the last event, for the next start. Whoever reads the file is signed in."""

    def __init__(self, path):
        self.path, self.token, self.seq = path, None, None
        if path.exists():
            kept = json.loads(path.read_text())
            self.token, self.seq = kept["token"], kept["seq"]

    def save(self):
        fresh = self.path.with_suffix(".new")  # a crash in the middle leaves the old one
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({"token": self.token, "seq": self.seq}))
        fresh.replace(self.path)


class Listener(socketio.AsyncClientNamespace):
    """Live events. python-socketio connects again by itself; each time we subscribe from where we were.

    Its client with threads would hand out each event in a thread of its own, so in no order.
    """

    def __init__(self, api, kept, tell, ended):
        super().__init__(NAMESPACE)
        self.api, self.kept, self.tell, self.ended = api, kept, tell, ended

    async def trigger_event(self, name, *args):  # names with hyphens, such as message-created, are no names of methods
        event = args[0] if args and isinstance(args[0], dict) else {}
        if name == "connect":
            await self.emit("subscribe", {} if self.kept.seq is None else {"since": self.kept.seq})
        elif name in ("connect_error", "disconnect"):
            with contextlib.suppress(requests.RequestException, Refused):  # only the line: it comes back
                if not await asyncio.to_thread(self.api.is_signed_in):
                    self.ended.set()
        elif name == "subscribed":
            # Asked for what was missed, one is where one was until `resumed`.
            self.reach(event["seq"] if self.kept.seq is None else self.kept.seq)
            self.tell(name, event)
        elif name in ("resumed", "resync"):  # resync: too much was missed, read what you show over REST again
            self.reach(event["seq"])
            self.tell(name, event)
        elif "seq" not in event:  # who is typing, who is there: of the moment
            self.tell(name, event)
        elif event["seq"] > self.kept.seq:  # each once
            self.tell(name, event)
            self.reach(event["seq"])

    def reach(self, seq):
        self.kept.seq = seq
        self.kept.save()


def tell(name, event):
    message = event.get("message")
    if isinstance(message, dict):
        author = (message.get("user") or {}).get("username", "somebody")
        text = f"#{event.get('channelId')} {author}: {message['content']}"
    else:
        text = json.dumps({key: value for key, value in event.items() if key not in ("seq", "at")}, ensure_ascii=False)
    print(event.get("seq", "-"), name, text[:300], flush=True)


def options_of_call():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", help="where the instance is, such as https://voice.example.com")
    parser.add_argument("email")
    parser.add_argument("--say", nargs=2, metavar=("CHANNEL", "TEXT"), help="post a message first")
    parser.add_argument("--state", type=Path, default=Path("projectvoice.json"), help="what is kept (%(default)s)")
    return parser.parse_args()


async def main(options):
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    kept = Kept(options.state)
    api = Api(options.url, kept.token)
    try:
        if not api.is_signed_in():
            api.token = None
            api.sign_in(options.email, os.environ.get("PROJECTVOICE_PASSWORD") or getpass.getpass())
            kept.token = api.token
            kept.save()
        if options.say:
            channel, text = options.say
            message = api("POST", "/api/messages", channelId=int(channel), content=text)
            print("said", message["id"], flush=True)
    except Refused as refused:
        sys.exit(str(refused))

    client = socketio.AsyncClient(reconnection_delay=0.5, reconnection_delay_max=15)
    client.register_namespace(Listener(api, kept, tell, ended))
    await client.connect(api.url, auth={"token": api.token}, socketio_path="/socket.io", namespaces=[NAMESPACE], retry=True)
    await ended.wait()
    await client.shutdown()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(options_of_call()))
