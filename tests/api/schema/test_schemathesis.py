"""What the document allows is asked of the whole ASGI application: nothing breaks, and no answer is outside the document.

The requests are schemathesis's, the same ones in every run. Most of their ids are replaced by such that exist, or hardly one
would get past the doors. Each is undone, so that everybody may delete everything.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator
from schemathesis.checks import not_a_server_error
from schemathesis.python.asgi import ASGIClient
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from accounts.services import session_open, user_block
from friends.services import block_create, request_send
from messaging.access import enter
from messaging.models import Attachment, Message
from messaging.services import message_update, reaction_add
from moderation.models import Report
from moderation.services.reports import message_report, report_appeal, report_decide
from projectvoice.asgi import application, django_app
from servers.access import access_channel
from servers.permissions import Permission
from servers.services.channels import overwrite_put
from tests.api.schema.conftest import shut
from tests.api.world import World, undone
from tests.factories import PASSWORD, make_channel, make_messages, make_token, make_user

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What an id under this name is the id of.
ALIKE = {"friend_id": "user_id", "target_id": "message_id", "reply_to_id": "message_id", "before": "message_id"}
# Where another one leads further.
INSTEAD = {
    "/api/auth/login": {"email": "email", "password": "password"},
    "/api/login": {"login": "email", "password": "password"},
    "/api/servers/{server_id}/bans/{user_id}": {"user_id": "banned"},
    "/api/serverMembers/{server_id}/members": {"user_id": "fresh_user"},
    "/api/admin/users/{user_id}/unblock": {"user_id": "blocked_user"},
}
WHO = ("owner", "admin", "member", "stranger", "staff", "nobody")
CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 2,
        "generation": {"deterministic": True, "max-examples": 8, "no-shrink": True},
        "phases": {"coverage": {"enabled": False}},
    }
)
api = schemathesis.openapi.from_dict(shut(SchemaGenerator().get_schema(request=None, public=True)), config=CONFIG)


class Inhabited(World):
    """The world of the matrices with something in every corner, and a token for everybody."""

    def __post_init__(self) -> None:
        super().__post_init__()
        owner, member = self.who["owner"], self.who["member"]
        self.who["staff"], blocked = make_user(role="admin"), make_user()
        channel = make_channel(self.server, "text", "general")
        said, answered, *_ = make_messages(channel, 3, user=member)
        message_update(entry=enter(member, channel.pk), message=said, content="edited")
        reaction_add(entry=enter(owner, channel.pk), message=said, emoji="👍")
        appealed = self.report(answered, owner)
        report_decide(by=self.who["staff"], report=appealed, decision="warn", reason="house rules")
        report_appeal(report=appealed, text="I did not mean it")
        self.ids |= {
            "channel_id": channel.pk,
            "message_id": said.pk,
            "category_id": self.ids["category"],
            "request_id": request_send(user=self.who["stranger"], friend_id=member.pk).pk,
            "report_id": self.report(said, owner).pk,
            "attachment_id": self.upload(channel.pk, member).pk,
            "server_id": self.ids["server"],
            "member_id": self.victim.pk,
            "role_id": self.ids["held_role"],
            "invite_id": self.ids["invite"],
            "user_id": self.victim.user_id,
            "token": str(self.ids["token"]),
            "session_id": str(session_open(user=member).pk),
            "email": owner.email,
            "password": PASSWORD,
            "blocked_user": blocked.pk,
            "emoji": "👍",
            "filename": "a.txt",
        }
        self.ids["id"] = self.ids["request_id"]
        _, access = access_channel(owner, channel.pk)
        for of in (self.server.roles.get(pk=self.ids["held_role"]), self.victim):
            overwrite_put(access=access, of=of, deny=Permission.SEND_MESSAGES)
        block_create(user=owner, target_id=self.victim.user_id)
        user_block(user=blocked, by=None, reason="spam")
        self.tokens = {who: make_token(user) for who, user in self.who.items()}

    def report(self, message: Message, by: User) -> Report:
        return message_report(by=by, message=message, category="spam", reason="unasked for")

    def upload(self, channel_id: int, user: User) -> Attachment:
        key = default_storage.save("a", ContentFile(b"hello"))
        facts = {"filename": "a.txt", "content_type": "text/plain", "size": 5}
        return Attachment.objects.create(channel_id=channel_id, user=user, key=key, **facts)

    def known(self, name: str, value: Any, path: str, who: str) -> Any:
        """What stands there, or where it is the id of something, the id of something that exists."""
        if isinstance(value, dict):
            return {inner: self.known(inner, value[inner], path, who) for inner in value}
        if isinstance(value, list):
            return [self.known(name.removesuffix("s"), item, path, who) for item in value]
        name = re.sub(r"[A-Z]", lambda big: f"_{big[0].lower()}", name)
        if name == "user_id" and path.startswith("/api/auth/users/") and who in self.who:
            return self.who[who].pk
        return self.ids.get(INSTEAD.get(path, ALIKE).get(name, name), value)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    """In a transaction around all tests here, which the application takes part in."""
    local = django_settings.STORAGES["default"]
    folder = {**local, "OPTIONS": {**local["OPTIONS"], "location": tmp_path_factory.mktemp("files")}}
    changed = override_settings(STORAGES={**django_settings.STORAGES, "default": folder}, STUN_URLS=[])  # asks nobody far away
    with changed, django_db_blocker.unblock(), transaction.atomic(), answering_on(connections["default"]):
        yield Inhabited()
        transaction.set_rollback(True)


@contextmanager
def answering_on(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """The application answers in one thread, on this connection, and leaves it open: what Django's test client does too."""
    threads, django_app._threads = (
        django_app._threads,
        ThreadPoolExecutor(1, initializer=connections.__setitem__, initargs=("default", connection)),
    )
    connection.inc_thread_sharing()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        connection.dec_thread_sharing()
        django_app._threads.shutdown()
        django_app._threads = threads


@api.parametrize()
def test_no_answer_is_outside_the_document(case: schemathesis.Case, world: Inhabited) -> None:
    """Each request as it was made up, and then by everybody with ids that exist."""
    ask(case, world.tokens["owner"])
    made_up = {part: getattr(case, part) for part in ("path_parameters", "query", "body")}
    for who in WHO:
        for part, given in made_up.items():
            if isinstance(given, dict):
                setattr(case, part, world.known("", given, case.path, who))
        ask(case, world.tokens.get(who))


def ask(case: schemathesis.Case, token: str | None) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with undone(), ASGIClient(application) as session:
        answer = case.call(session=session, headers=headers)
    case.validate_response(answer, checks=CHECKS)
