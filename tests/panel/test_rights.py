"""Who sees which page, and whose acts do what: the table of `/api/admin`, held against the panel."""

import pytest

from accounts.models import Session, User
from accounts.services import user_block
from audit.models import AuditEntry
from audit.selectors import audit_fault
from messaging.models import Message
from moderation.models import Report
from projectvoice.kernel.events import AccessChanged, AccessEnded
from servers.models import Server
from servers.services.servers import server_block
from tests.factories import make_server, make_token, make_user
from tests.panel.conftest import PANEL

pytestmark = pytest.mark.django_db

# Page, and who sees it beside administrators.
PAGES = [
    ("", True),
    ("accounts/user/", True),
    ("accounts/user/{user}/change/", True),
    ("servers/server/", True),
    ("servers/server/{server}/change/", True),
    ("moderation/report/", True),
    ("moderation/report/{report}/change/", True),
    ("moderation/report/{report}/decide/", True),
    ("rooms/", True),
    ("jsi18n/", True),
    ("audit/auditentry/", False),
    ("audit/auditentry/{entry}/change/", False),
    ("accounts/user/{user}/block/", False),
    ("accounts/user/{user}/unblock/", False),
    ("accounts/user/{user}/role/", False),
    ("accounts/user/{user}/sign-out/", False),
    ("accounts/user/{user}/delete/", False),
    ("servers/server/{server}/block/", False),
    ("servers/server/{server}/unblock/", False),
    ("servers/server/{server}/delete/", False),
]


@pytest.fixture
def ids(scene, boris, admin):
    scene.decided("warn")
    report, server = scene.report(), make_server()
    entry = AuditEntry.objects.latest("pk")
    return {"user": boris.pk, "server": server.pk, "report": report["id"], "entry": entry.pk}


@pytest.mark.parametrize(("page", "for_moderators"), PAGES)
def test_who_sees_which_page(browser_of, moderator, admin, boris, ids, page, for_moderators):
    url = PANEL + page.format(**ids)
    for stranger in (browser_of(), browser_of(boris)):
        assert stranger.get(url).status_code == 302
    assert browser_of(moderator).get(url).status_code == (200 if for_moderators else 403)
    assert browser_of(admin).get(url).status_code == 200


ACTS = [
    ("accounts/user/{user}/block/", {"reason": "spam"}),
    ("accounts/user/{blocked}/unblock/", {}),
    ("accounts/user/{user}/role/", {"role": "moderator"}),
    ("accounts/user/{user}/sign-out/", {"reason": "lost phone"}),
    ("accounts/user/{user}/delete/", {}),
    ("servers/server/{server}/block/", {"reason": "spam"}),
    ("servers/server/{blocked_server}/unblock/", {}),
    ("servers/server/{server}/delete/", {}),
]


def state() -> tuple:
    users = list(User.objects.order_by("pk").values("pk", "role", "is_active", "block_reason"))
    return users, list(Server.objects.order_by("pk").values("pk", "is_blocked")), Session.objects.count()


@pytest.mark.parametrize(("act", "fields"), ACTS)
def test_only_administrators_act(browser_of, moderator, admin, boris, act, fields):
    blocked, server, blocked_server = make_user(), make_server(), make_server()
    user_block(user=blocked, by=None, reason="spam")
    server_block(server=blocked_server, by=None, reason="spam")
    make_token(boris)
    url = PANEL + act.format(user=boris.pk, blocked=blocked.pk, server=server.pk, blocked_server=blocked_server.pk)
    warden, chief = browser_of(moderator), browser_of(admin)
    before, logged = state(), AuditEntry.objects.count()
    assert browser_of().post(url, fields).status_code == 302
    assert warden.post(url, fields).status_code == 403
    assert (state(), AuditEntry.objects.count()) == (before, logged)

    answer = chief.post(url, fields)
    assert answer.status_code == 302, answer.text
    assert state() != before
    entry = AuditEntry.objects.latest("sequence")
    assert (AuditEntry.objects.count(), entry.actor_number, entry.address) == (logged + 1, admin.pk, "127.0.0.1")
    assert entry.reason == fields.get("reason")
    assert audit_fault("instance") is None
    assert 'class="' in chief.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("act", "fields", "method", "path", "body"),
    [
        ("block", {"reason": "spam"}, "post", "/block", {"reason": "spam"}),
        ("role", {"role": "moderator"}, "put", "", {"role": "moderator"}),
        ("delete", {}, "delete", "", None),
    ],
)
def test_the_log_says_the_same_as_of_the_api(browser_of, api_as, admin, act, fields, method, path, body):
    def entry_without_whom() -> dict:
        entry = AuditEntry.objects.latest("sequence")
        names = ("actor_number", "actor_name", "action", "target_type", "before", "after", "reason", "address")
        return {name: getattr(entry, name) for name in names}

    one, other = make_user(), make_user()
    assert browser_of(admin).post(f"{PANEL}accounts/user/{one.pk}/{act}/", fields).status_code == 302
    by_panel = entry_without_whom()
    assert getattr(api_as(admin), method)(f"/api/admin/users/{other.pk}{path}", body).status_code == 200
    assert entry_without_whom() == by_panel


def test_blocking_ends_calls_and_relaying(browser_of, admin, boris, told):
    chief = browser_of(admin)
    with told:
        chief.post(f"{PANEL}accounts/user/{boris.pk}/block/", {"reason": "spam"})
    assert told == [AccessChanged(user_id=boris.pk), AccessEnded(boris.pk)]
    boris.refresh_from_db()
    assert (boris.is_active, boris.block_reason, boris.blocked_by_id) == (False, "spam", admin.pk)


def test_signing_out_ends_all_sessions(browser_of, api_as, admin, boris, told):
    token, chief = make_token(boris), browser_of(admin)
    with told:
        chief.post(f"{PANEL}accounts/user/{boris.pk}/sign-out/", {"reason": "lost phone"})
    assert AccessEnded(boris.pk) in told
    assert api_as(token=token).get("/api/auth/me").status_code == 401
    entry = AuditEntry.objects.latest("sequence")
    assert (entry.action, entry.target_id, entry.reason) == ("user.sign_out", boris.pk, "lost phone")


@pytest.mark.parametrize("reason", ["", "no", "   ", "x" * 501])
def test_a_reason_is_needed(browser_of, admin, boris, reason):
    answer = browser_of(admin).post(f"{PANEL}accounts/user/{boris.pk}/block/", {"reason": reason})
    assert answer.status_code == 400
    boris.refresh_from_db()
    assert boris.is_active


@pytest.mark.parametrize(
    ("act", "fields", "status", "text"),
    [
        ("block", {"reason": "spam"}, 400, "You cannot do this to yourself"),
        ("unblock", {}, 400, "You cannot do this to yourself"),
        ("role", {"role": "user"}, 400, "You cannot do this to yourself"),
        ("role", {"role": "king"}, 400, "Select a valid choice"),
        ("delete", {}, 400, "You cannot do this to yourself"),
    ],
)
def test_refusals_of_services_are_told_in_the_form(browser_of, admin, act, fields, status, text):
    answer = browser_of(admin).post(f"{PANEL}accounts/user/{admin.pk}/{act}/", fields)
    assert (answer.status_code, text in answer.text) == (status, True)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "accounts/user/add/",
            "accounts/user/{user}/history/",
            "password_change/",
            "autocomplete/",
            "r/1/1/",
            "accounts/",
            "search/",
        ),
        *(
            "accounts/user/{user}/",
            "servers/server/add/",
            "moderation/report/{report}/delete/",
            "audit/auditentry/add/",
            "auth/user/",
        ),
        *(
            "accounts/user/99999999/change/",
            "accounts/user/0/change/",
            "accounts/user/x/change/",
            "accounts/user/{user}/nothing/",
        ),
        *(f"accounts/user/{10**30}/change/", "accounts/user/-1/block/", "servers/server/99999999/block/"),
    ],
)
def test_what_goes_beside_the_services_is_not_there(browser_of, admin, ids, path):
    answer = browser_of(admin).get(PANEL + path.format(**ids))
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    [
        "accounts/user/{user}/change/",
        "servers/server/{server}/change/",
        "moderation/report/{report}/change/",
        "audit/auditentry/{entry}/change/",
    ],
)
def test_pages_take_no_writes(browser_of, admin, ids, path):
    before = (state(), list(Report.objects.values()), Message.objects.count())
    answer = browser_of(admin).post(PANEL + path.format(**ids), {"role": "admin", "is_active": "", "_save": "1"})
    assert answer.status_code == 403
    assert (state()[0], before[1:]) == (before[0][0], (list(Report.objects.values()), Message.objects.count()))


def test_lists_take_no_actions(browser_of, admin, boris):
    fields = {"action": "delete_selected", "_selected_action": str(boris.pk), "post": "yes"}
    assert browser_of(admin).post(f"{PANEL}accounts/user/", fields).status_code in {200, 302, 403}
    assert User.objects.filter(pk=boris.pk).exists()
