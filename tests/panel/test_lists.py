"""Lists: search, filters, order, and how little they cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import user_block
from audit.models import AuditEntry
from servers.services.servers import server_block
from tests.factories import make_server, make_user
from tests.panel.conftest import PANEL

pytestmark = pytest.mark.django_db
USERS, SERVERS, REPORTS, LOG = (
    f"{PANEL}{path}/" for path in ("accounts/user", "servers/server", "moderation/report", "audit/auditentry")
)


def rows(client, url: str, **query: str) -> list:
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.text
    return [str(row) for row in answer.context["cl"].result_list]


@pytest.fixture
def chief(browser_of, admin):
    return browser_of(admin)


def test_users_are_found_by_name_and_address(chief, boris):
    make_user(username="Борис-второй", email="other@example.net")
    user_block(user=boris, by=None, reason="spam")
    assert rows(chief, USERS, q="BORI") == ["boris"]
    assert rows(chief, USERS, q="борис") == ["Борис-второй"]
    assert rows(chief, USERS, q="example.NET") == ["Борис-второй"]
    assert rows(chief, USERS, q="%") == []
    assert rows(chief, USERS, status="blocked") == ["boris"]
    assert rows(chief, USERS, role="admin") == ["overseer"]
    assert rows(chief, USERS, role="admin", status="blocked") == []
    assert len(rows(chief, USERS, role="king")) == 3


def test_servers_are_found_by_name(chief):
    server_block(server=make_server(name="Chess"), by=None, reason="spam")
    make_server(name="Choir")
    assert rows(chief, SERVERS, q="ch") == ["Choir", "Chess"]
    assert rows(chief, SERVERS, q="che") == ["Chess"]
    assert rows(chief, SERVERS, status="active") == ["Choir"]


@pytest.mark.parametrize(
    "query",
    [
        *({"password__startswith": "argon2"}, {"sessions__address": "127.0.0.1"}, {"email__contains": "a"}, {"id__gt": "0"}),
        *({"q": "x" * 255}, {"blocked_by__email": "a"}),
    ],
)
def test_nothing_else_filters(chief, query):
    assert chief.get(USERS, query).status_code in {302, 400}
    assert len(rows(chief, USERS)) == User.objects.count()


@pytest.mark.parametrize(
    "query",
    [{"q": "a\0b"}, {"p": "999999"}, {"p": "x"}, {"o": "99.-7.x"}, {"_to_field": "password"}, {"_facets": "True"}, {"all": ""}],
)
def test_bad_queries_are_no_errors_of_ours(chief, query):
    assert chief.get(USERS, query).status_code in {200, 302, 400}


@pytest.mark.parametrize("url", [USERS, SERVERS])
def test_a_list_costs_the_same_whatever_its_length(chief, url):
    with CaptureQueriesContext(connection) as few:
        rows(chief, url)
    for _ in range(10):
        make_server()
    with CaptureQueriesContext(connection) as many:
        rows(chief, url)
    assert len(many) == len(few)


def test_the_log_is_shown_newest_first_and_verified(chief, browser_of, admin, boris):
    chief.post(f"{USERS}{boris.pk}/block/", {"reason": "spam"})
    answer = chief.get(LOG)
    assert [entry.action for entry in answer.context["cl"].result_list] == ["user.block", "panel.sign_in"]
    assert rows(chief, LOG, q="block") == rows(chief, LOG, q="boris")
    assert "the chain holds up to entry" in answer.text


def test_a_touched_log_is_seen(chief, boris):
    chief.post(f"{USERS}{boris.pk}/block/", {"reason": "spam"})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE audit_auditentry DISABLE TRIGGER audit_entry_stays")
        cursor.execute("UPDATE audit_auditentry SET reason = 'nothing' WHERE action = 'user.block'")
    answer = chief.post(f"{PANEL}audit/verify/", follow=True)
    assert "entry 2 was changed" in answer.text
    assert "the chain holds" not in answer.text
    assert AuditEntry.objects.filter(log="instance").count() == 2


def test_both_languages(chief):
    russian = chief.get(USERS, headers={"Accept-Language": "ru"})
    assert "Пользователи" in russian.text
    assert "Зарегистрирован" in russian.text
    assert "Users" in chief.get(USERS).text
