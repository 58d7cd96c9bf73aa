"""Disks are full or read-only: those who write are told so, those who read notice nothing, and all is well once there is room."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psycopg
import pytest
import requests
from psycopg import sql

from tests.conftest import PATIENCE, Instance, environment_of
from tests.faults.disks import Disk, disk
from tests.faults.postgres import Postgres

POSTGRES_MB = 160  # as it is made, with our tables, it has some 80
FILE = 300_000  # bytes
TOO_LARGE_FOR_MEMORY = 5_000_000
TOO_LARGE_FOR_THE_DISK = 3_000_000


class House(NamedTuple):
    """An instance, where it keeps its files, and somebody with a text channel."""

    instance: Instance
    database: Disk
    files: Disk
    spool: Disk
    owner: dict
    server: int
    channel: int

    def write(self, words: str) -> requests.Response:
        return self.instance.api("POST", "/messages", self.owner["token"], channelId=self.channel, content=words)

    def read(self) -> dict[int, str]:
        """All messages, by id."""
        found, page = dict[int, str](), 1
        while True:
            path = f"/messages?channelId={self.channel}&limit=100&page={page}"
            answer = self.instance.api("GET", path, self.owner["token"])
            assert answer.status_code == 200, answer.text
            found |= {message["id"]: message["content"] for message in answer.json()["messages"]}
            if page >= answer.json()["totalPages"]:
                return found
            page += 1

    def upload(self, content: bytes) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.owner['token']}", "Accept-Language": "en"}
        url, form = f"{self.instance.url}/api/attachments", {"channelId": str(self.channel)}
        return requests.post(url, data=form, files={"file": ("a.bin", content)}, headers=headers, timeout=PATIENCE)

    def download(self, attachment: dict) -> bytes:
        answer = requests.get(f"{self.instance.url}{attachment['url']}", timeout=PATIENCE)
        assert answer.status_code == 200
        return answer.content

    def count(self, table: str) -> int:
        with psycopg.connect(self.instance.env["DATABASE_URL"]) as connection:
            return connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()[0]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="projectvoice-disks-")))
        folder.chmod(0o711)  # PostgreSQL under root is another user
        database = stack.enter_context(disk(folder / "postgres", POSTGRES_MB))
        files = stack.enter_context(disk(folder / "data" / "attachments", 2))
        spool = stack.enter_context(disk(folder / "spool", 40))
        (folder / "postgres").chmod(0o711)
        postgres = Postgres(folder / "postgres" / "home")
        postgres.start()
        stack.callback(postgres.stop)
        own = Instance({**environment_of(postgres.url), "DATA_DIR": str(folder / "data"), "TMPDIR": str(spool.path)})
        own.manage("migrate", "-v0")
        own.start()
        stack.callback(own.stop)
        owner = own.sign_up("owner")
        server, _ = own.voice_channel(owner)
        channel = own.api("POST", f"/servers/{server}/channels", owner["token"], name="talk", type="text").json()["id"]
        yield House(own, database, files, spool, owner, server, channel)


def is_told(answer: requests.Response, status: int) -> bool:
    """Clearly, and when to come again; nothing of our inside."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["code"] == status
    assert "/" not in answer.json()["error"]
    return True


def words() -> str:
    """That no compression makes short."""
    return secrets.token_hex(900)


def test_a_full_disk_of_the_database_stops_writers_only(house: House):
    written = dict[int, str]()

    def write() -> requests.Response:
        answer = house.write(said := words())
        if answer.status_code == 201:
            written[answer.json()["id"]] = said
        return answer

    assert write().status_code == 201
    with house.database.full():
        while (answer := write()).status_code == 201:  # into the room that tables have already
            pass
        assert is_told(answer, 503)
        assert house.read() == written
        assert house.instance.api("GET", "/auth/me", house.owner["token"]).status_code == 200
        assert is_told(write(), 503)
    assert write().status_code == 201
    assert house.read() == written


@contextmanager
def read_only_database(house: House) -> Iterator[None]:
    """As it is on a standby, and as providers make it who find its disk full."""
    with psycopg.connect(house.instance.env["DATABASE_URL"], autocommit=True) as admin:
        name = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        end_others(admin)
        try:
            yield
        finally:
            admin.execute("SET default_transaction_read_only = off")
            admin.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
            end_others(admin)


def end_others(admin: psycopg.Connection) -> None:
    """They are gone afterwards."""
    admin.execute(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    )


def test_a_read_only_database_stops_writers_only(house: House):
    before = house.read()
    with read_only_database(house):
        assert is_told(house.write("refused"), 503)
        path = f"/servers/{house.server}"
        assert is_told(house.instance.api("PUT", path, house.owner["token"], name="Refused"), 503)
        assert house.read() == before
        assert house.instance.api("GET", path, house.owner["token"]).json()["name"] == "Server"
    answer = house.write("taken")
    assert answer.status_code == 201
    assert house.read() == before | {answer.json()["id"]: "taken"}


def test_a_full_disk_of_uploads_takes_no_half_files(house: House):
    kept = list[tuple[dict, bytes]]()
    former = house.count("messaging_attachment")

    def upload() -> requests.Response:
        answer = house.upload(content := secrets.token_bytes(FILE))
        if answer.status_code == 201:
            kept.append((answer.json(), content))
        return answer

    assert upload().status_code == 201
    rows = house.count("messaging_attachment")
    with house.files.full():
        assert is_told(upload(), 507)
        assert is_told(upload(), 507)
        assert house.count("messaging_attachment") == rows
        assert house.write("and messages go on").status_code == 201
    with house.files.read_only():
        assert is_told(upload(), 503)
        assert all(house.download(attachment) == content for attachment, content in kept)
    assert upload().status_code == 201
    rows = house.count("messaging_attachment")
    assert rows == former + len(kept)
    assert all(house.download(attachment) == content for attachment, content in kept)
    files = [path for path in house.files.path.rglob("*") if path.is_file()]
    waiting = house.count("messaging_orphan")  # to be deleted, whatever was written of them
    assert rows <= len(files) <= rows + waiting


def test_what_does_not_fit_takes_no_room_from_others(house: House):
    assert is_told(house.upload(secrets.token_bytes(TOO_LARGE_FOR_THE_DISK)), 507)
    assert house.upload(secrets.token_bytes(FILE)).status_code == 201


def test_a_full_disk_for_what_is_on_its_way_is_told_too(house: House):
    """By a process whose first upload this is, so that nothing before it has settled where it would go."""
    fresh = Instance(house.instance.env)
    fresh.start()
    try:
        uploads = house._replace(instance=fresh)
        with house.spool.full():
            assert is_told(uploads.upload(bytes(TOO_LARGE_FOR_MEMORY)), 507)
            assert uploads.write("what is short needs no disk").status_code == 201
        assert uploads.upload(b"there is room again").status_code == 201
    finally:
        fresh.stop()
