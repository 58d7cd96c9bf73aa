"""Every endpoint there is against those who have no business there: whoever adds one is asked whom it lets in.

Strangers, members who were removed, members who were banned and bots of others; and nobody at all. Beside them the owner.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Model
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.scopes import SCOPES
from integrations.services.bots import bot_create, bot_token_create
from servers.access import access_server
from servers.services.members import member_ban, member_kick
from tests.api.schema.inhabited import INSTEAD, Inhabited
from tests.api.schema.test_document import PUBLIC
from tests.api.world import is_error, undone
from tests.factories import make_member, make_token, make_user

pytestmark = pytest.mark.django_db

# What any signed-in user may do with any id: profiles, relations between people, the way in.
FOR_EVERYBODY = {
    ("get", "/api/users/{user_id}"),
    ("post", "/api/friends/block/{user_id}"),
    ("delete", "/api/friends/block/{user_id}"),
    ("post", "/api/invite/invite/{token}/accept"),
}
# What is somebody's own, and not even the owner's of the server.
OF_OTHERS = {
    ("delete", "/api/auth/sessions/{session_id}"),
    ("delete", "/api/friends/{id}"),
    ("post", "/api/friends/accept/{request_id}"),
    ("delete", "/api/attachments/{attachment_id}"),
    ("post", "/api/reports/{report_id}/appeal"),
    ("delete", "/api/serverMembers/{server_id}/members/me"),
    ("put", "/api/auth/users/{user_id}"),
    ("put", "/api/auth/users/{user_id}/password"),
}
BY_CHANNEL = {
    "/api/attachments",
    "/api/messages",
    "/api/messages/pins",
    "/api/messages/search",
    "/api/messages/read",
    "/api/messages/bulk-delete",
    "/api/voice/sessions",
}
BODY = {"content": "x", "name": "x", "emoji": "👍"}


Operation = tuple[str, str]
PATHS = SchemaGenerator().get_schema(request=None, public=True)["paths"]
ALL: list[Operation] = [(method, path) for path, methods in PATHS.items() for method in methods]
ADMINISTRATION = [(method, path) for method, path in ALL if path.startswith("/api/admin")]
INSIDE = [
    operation
    for operation in ALL
    if ("{" in operation[1] or operation[1] in BY_CHANNEL or operation == ("post", "/api/reports"))
    and operation not in {*PUBLIC, *FOR_EVERYBODY, *ADMINISTRATION}
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Inhabited]:
    with django_db_blocker.unblock(), transaction.atomic():
        world = Inhabited()
        for who, leave in (("removed", member_kick), ("banned", member_ban)):
            member = make_member(world.server, "admin")
            world.who[who], world.tokens[who] = member.user, make_token(member.user)
            leave(access=access_server(world.server.owner, world.server.pk), member=member)
        world.tokens["passer-by"] = make_token(make_user())
        bot = bot_create(owner=make_user(), username="spy", is_public=True)
        world.tokens["another's bot"] = bot_token_create(bot=bot, name="all", scopes=list(SCOPES))[1]
        yield world
        transaction.set_rollback(True)


def ask(world: Inhabited, method: str, path: str, who: str | None) -> Any:
    """With ids of things that exist, in the path, the query and the body."""
    ids = world.ids | {name: world.ids[instead] for name, instead in INSTEAD.get(path, {}).items()}
    channel, message = ids["channel_id"], ids["message_id"]
    body = {"channelId": channel, "messageId": message, "messageIds": [message], "targetId": message, "targetType": "message"}
    api = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    if who is not None:
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {world.tokens[who]}")
    if method == "get":
        return api.get(path.format(**ids), {"channelId": channel, "query": "text", "permission": "SPEAK"})
    form = "multipart" if path == "/api/attachments" else "json"
    said = {"channelId": channel} if form == "multipart" else {**body, "userId": ids["fresh_user"], **BODY}
    return getattr(api, method)(path.format(**ids), said, format=form)


def everything() -> dict[str, list[Any]]:
    """All that is stored, but for when sessions were last used."""
    models: list[type[Model]] = [model for model in apps.get_models() if model.__name__ != "Session" and model._meta.managed]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def refused(world: Inhabited, asked: Iterable[Operation], who: str | None, statuses: set[int]) -> None:
    """All of it, in these words, and nothing is changed by it."""
    before = everything()
    answers = {operation: ask(world, *operation, who) for operation in asked}
    let_in = {operation: answer.status_code for operation, answer in answers.items() if answer.status_code not in statuses}
    assert let_in == {}
    assert all(is_error(answer, answer.status_code) for answer in answers.values())
    assert everything() == before


@pytest.mark.parametrize("who", ["passer-by", "removed", "banned", "another's bot"])
def test_outsiders_read_and_change_nothing(world, who):
    refused(world, INSIDE, who, {403, 404})


def test_the_owner_gets_past_these_doors(world):
    statuses = {}
    for method, path in INSIDE:
        with undone():
            statuses[method, path] = ask(world, method, path, "owner").status_code
    shut = {operation for operation, status in statuses.items() if status in {401, 403, 404, 405, 500}}
    assert shut == OF_OTHERS


def test_the_administration_is_closed_to_all_but_staff(world):
    for who in ("passer-by", "owner", "bot"):
        refused(world, ADMINISTRATION, who, {403})
    for method, path in ADMINISTRATION:
        with undone():
            assert ask(world, method, path, "staff").status_code in {200, 400}, path


def test_nobody_gets_in_without_a_token(world):
    refused(world, [operation for operation in ALL if operation not in PUBLIC], None, {401})
