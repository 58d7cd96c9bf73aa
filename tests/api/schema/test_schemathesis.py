"""What the document allows is asked of the whole ASGI application: nothing breaks, and no answer is outside the document.

The requests are schemathesis's, the same ones in every run. Most of their ids are replaced by such that exist, or hardly one
would get past the doors. Each is undone, so that everybody may delete everything.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
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

from projectvoice.asgi import application, django_app
from tests.api.schema.conftest import shut
from tests.api.schema.inhabited import Inhabited
from tests.api.world import undone

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WHO = ("owner", "admin", "member", "stranger", "staff", "bot", "nobody")
CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 2,
        "generation": {"deterministic": True, "max-examples": 8, "no-shrink": True},
        "phases": {"coverage": {"enabled": False}},
    }
)
api = schemathesis.openapi.from_dict(shut(SchemaGenerator().get_schema(request=None, public=True)), config=CONFIG)


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


async def requests_alone(scope: Any, receive: Any, send: Any) -> None:
    """Without what runs beside them, which would go on in the tests' database for as long as this process lives."""
    if scope["type"] == "lifespan":
        raise NotImplementedError
    await application(scope, receive, send)


def ask(case: schemathesis.Case, token: str | None) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with undone(), ASGIClient(requests_alone) as session:
        answer = case.call(session=session, headers=headers)
    case.validate_response(answer, checks=CHECKS)
