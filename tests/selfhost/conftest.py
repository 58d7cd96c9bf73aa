"""Helpers of the commands' tests: a small instance with a bit of everything, and databases of their own."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from psycopg import sql

from accounts.models import User
from accounts.services import session_open, user_block, user_update
from audit.services import Target, audit_record
from events.sequencer import drain
from events.services import announce
from friends.conversations import participant_remove
from friends.services import block_create, request_send
from integrations.services.bots import bot_create, bot_token_create
from integrations.services.event_hooks import event_hook_create
from messaging.access import enter
from messaging.attachments.services import attachment_upload
from messaging.models import Message
from messaging.services import message_create, message_update, reaction_add
from moderation.services.acts import LOG, admin_user_update
from moderation.services.reports import message_report, report_appeal, report_decide, user_report
from projectvoice.kernel.address import acting_from
from servers.access import access_server
from servers.models import Ban, Category, Channel, Invite, Member, Overwrite, Role
from servers.permissions import Permission
from servers.services.members import member_rename
from servers.services.roles import role_create
from servers.services.servers import server_block
from tests.api.conftest import light_passwords  # noqa: F401 - for these tests too
from tests.conftest import ROOT
from tests.factories import make_channel, make_group, make_member, make_messages, make_server, make_user

MARKER = "Zx9Марк"  # in every text that is Boris's; usernames know both alphabets
ADDRESS = "203.0.113.9"


def run(name: str, *arguments: str, **options: object) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


def storages_in(folder: Path) -> dict[str, Any]:
    local = settings.STORAGES["default"]
    return {**settings.STORAGES, "default": {**local, "OPTIONS": {**local["OPTIONS"], "location": folder}}}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this test's uploaded files lie; nothing yet."""
    folder = tmp_path_factory.mktemp("media")
    settings.STORAGES = storages_in(folder)
    return folder


def upload(channel: Channel, user: User, name: str, content: bytes) -> int:
    return attachment_upload(channel=channel, user=user, file=SimpleUploadedFile(name, content, "text/plain")).pk


class Town(NamedTuple):
    anna: User  # owns the server
    boris: User  # whose data it is about
    admin: User
    channel: Channel
    membership: Member
    messages: list[Message]  # Boris's, the last with a file


@pytest.fixture
def town(transactional_db: None) -> Town:
    anna, admin = make_user(username="anna"), make_user(username="admin", role="admin")
    boris = make_user(username=f"boris{MARKER}", email="Boris.zx9marker@example.com")
    boris = user_update(user=boris, bio=f"I am {MARKER}", profile_picture=f"https://example.com/{MARKER}.png")
    session_open(user=boris, user_agent=f"Browser {MARKER}", address=ADDRESS)
    channel = make_channel(make_server(anna, "Anna's"), type="text", name="general")
    membership = make_member(channel.server, permissions=Permission.MANAGE_MESSAGES, user=boris)
    membership.nickname = f"Bo {MARKER}"
    membership.save()
    annas = make_messages(channel, 3, anna)
    messages = [message_create(channel=channel, user=boris, content=f"{MARKER} {n}", nonce=f"{MARKER}{n}")[0] for n in range(4)]
    files = [upload(channel, boris, f"{MARKER}.txt", MARKER.encode()), upload(channel, boris, "large", bytes(3_000_000))]
    messages.append(message_create(channel=channel, user=boris, content=f"{MARKER} 4", attachment_ids=files)[0])
    upload(channel, boris, "not sent.txt", MARKER.encode())
    message_update(entry=enter(boris, channel.pk), message=messages[0], content=f"{MARKER} better")
    files = [upload(channel, anna, "anna.txt", b"hers")]
    agreed, _ = message_create(channel=channel, user=anna, content="I agree", reply_to_id=messages[1].pk, attachment_ids=files)
    for message in (annas[0], messages[1]):
        reaction_add(entry=enter(boris, channel.pk), message=message, emoji="👍")
        reaction_add(entry=enter(anna, channel.pk), message=message, emoji="👎")
    request_send(user=boris, friend_id=anna.pk)
    block_create(user=boris, target_id=admin.pk)
    Invite.objects.create(server=channel.server, created_by=boris)
    stranger = make_user()
    request_send(user=stranger, friend_id=boris.pk)
    strangers = make_server(stranger)
    Ban.objects.create(server=strangers, user=boris, banned_by=stranger, reason="noise")
    server_block(server=strangers, by=boris, reason="spam")
    user_block(user=stranger, by=boris, reason="spam")
    alone = make_server(boris, f"{MARKER}'s own")
    Ban.objects.create(server=alone, user=stranger, banned_by=boris, reason=MARKER)
    Category.objects.create(server=alone, name=MARKER)
    Overwrite.objects.create(channel=channel, member=membership, allow=Permission.ATTACH_FILES)
    Role.objects.create(server=alone, name=MARKER, color="#123456", position=1)
    make_messages(make_channel(alone, type="text", name=MARKER), 2)
    bot_token_create(bot=bot_create(owner=boris, username=f"bot{MARKER}"), name=MARKER, scopes=["voice"])
    event_hook_create(access=access_server(boris, alone.pk), url=f"https://example.com/{MARKER}", kinds=["role-deleted"])
    admin_user_update(by=admin, user=boris, role="moderator")
    _reports(anna, boris, admin, messages[0], agreed)
    _group(boris)
    drain()
    user_update(user=boris, bio=f"I am {MARKER}")
    role_create(access=access_server(boris, alone.pk), name=f"{MARKER} again", color="#123456")
    member_rename(access=access_server(anna, channel.server_id), member=membership, nickname=f"Bo {MARKER}")
    announce("server-left", user_id=boris.pk, payload={"serverId": 0, "reason": MARKER})
    with acting_from(ADDRESS):
        audit_record(log=LOG, actor=boris, action="user.block", target=Target("user", stranger.pk, "stranger"))
    return Town(anna, boris, admin, channel, membership, messages)


def _reports(anna: User, boris: User, admin: User, his: Message, hers: Message) -> None:
    """Each with words of his somewhere."""
    user_report(by=anna, user=boris, category="other", reason="his picture")
    message_report(by=boris, message=hers, category="spam", reason=f"she disagrees with {MARKER}")
    against = message_report(by=anna, message=his, category="spam", reason="rude")
    report_decide(by=admin, report=against, decision="warn", reason="be kind")
    report_appeal(report=against, text=f"{MARKER} was kind")
    about_hers = message_report(by=admin, message=hers, category="spam", reason="off topic")
    report_decide(by=boris, report=about_hers, decision="dismiss", reason="on topic")


def _group(boris: User) -> None:
    """With his name in what others were told: one who stays in it, and one who has left."""
    dora, erik = make_user(username="dora"), make_user(username="erik")
    group = make_group(dora, boris, erik)
    drain()
    participant_remove(conversation=group, user=erik, user_id=erik.pk)


class Elsewhere:
    """A database of its own on the same server, and commands that are run against it as a person would."""

    def __init__(self, name: str, data: Path) -> None:
        self.name, self.media = name, data / "attachments"
        head, _, tail = os.environ["DATABASE_URL"].partition("?")
        url = f"{head.rpartition('/')[0]}/{name}" + (f"?{tail}" if tail else "")
        self.env = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY, "RATE_LIMITS": "off"}
        self.env["DATA_DIR"] = str(data)

    def manage(self, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, ROOT / "manage.py", *command],
            env=self.env,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    def connect(self) -> psycopg.Connection:
        parameters = connection.get_connection_params()
        names = ("host", "port", "user", "password")
        return psycopg.connect(dbname=self.name, autocommit=True, **{name: parameters.get(name) for name in names})

    def rows(self) -> dict[str, list[str]]:
        with self.connect() as client:
            return rows(client)


@pytest.fixture
def elsewhere(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Elsewhere]]:
    made: list[str] = []

    def make() -> Elsewhere:
        made.append(f"elsewhere_{secrets.token_hex(4)}")
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(made[-1])))
        return Elsewhere(made[-1], tmp_path_factory.mktemp(made[-1]))

    yield make
    with connection.cursor() as cursor:
        for name in made:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def here(transactional_db: None, media: Path) -> Elsewhere:
    """The tests' own database, seen from outside."""
    return Elsewhere(str(connection.settings_dict["NAME"]), media)


def rows(client: psycopg.Connection) -> dict[str, list[str]]:
    """Every row of every table as text, and where every sequence stands."""
    tables = client.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    each = sql.SQL("SELECT t::text FROM {} t ORDER BY 1")
    found = {name: client.execute(each.format(sql.Identifier(name))).fetchall() for (name,) in tables.fetchall()}
    sequences = client.execute("SELECT sequencename || ' ' || coalesce(last_value, 0) FROM pg_sequences ORDER BY 1").fetchall()
    return {name: [row for (row,) in values] for name, values in {**found, "sequences": sequences}.items()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command is run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def whole_backup(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Of an instance without anybody."""
    path = tmp_path_factory.mktemp("backup") / "whole.tar"
    with django_db_blocker.unblock(), override_settings(STORAGES=storages_in(tmp_path_factory.mktemp("nothing"))):
        run("backup", output=path)
    return path.read_bytes()


@pytest.fixture
def backup(whole_backup: bytes, transactional_db: None, folder: Path) -> Path:
    path = folder / "backup.tar"
    path.write_bytes(whole_backup)
    return path
