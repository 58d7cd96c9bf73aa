"""`GET /api/voice/doctor`: who may ask, and what it answers."""

import pytest

from projectvoice.kernel.limits import Limit
from selfhost.api import doctor
from selfhost.doctor import examine as examination
from tests.api.world import is_error
from tests.factories import make_user

pytestmark = pytest.mark.django_db
DOCTOR = "/api/voice/doctor"


@pytest.fixture(autouse=True)
def nothing_far_away(settings, monkeypatch):
    settings.STUN_URLS = []
    settings.TURN = False
    monkeypatch.setattr(examination, "_last", None)


def test_moderators_and_administrators_only(api_as):
    assert is_error(api_as().get(DOCTOR), 401)
    assert is_error(api_as(make_user()).get(DOCTOR), 403)
    for role in ("moderator", "admin"):
        api = api_as(make_user(role=role))
        assert api.get(DOCTOR).status_code == api.get(f"{DOCTOR}/").status_code == 200


def test_each_finding_names_the_setting(api_as, settings):
    settings.ALLOWED_ORIGINS = ["https://voice.invalid/"]
    answer = api_as(make_user(role="moderator")).get(DOCTOR, HTTP_HOST="voice.invalid", secure=True)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer.json().keys() == {"checks", "healthy"}
    assert answer.json()["healthy"] is False
    checks = {check["name"]: check for check in answer.json()["checks"]}
    assert all(check.keys() == {"name", "status", "finding", "setting", "detail"} for check in checks.values())
    assert checks["page"] == {
        "name": "page",
        "status": "error",
        "finding": "The name voice.invalid stands for no address",
        "setting": "ALLOWED_HOSTS",
        "detail": "https://voice.invalid",
    }
    assert (checks["origins"]["status"], checks["origins"]["setting"]) == ("error", "ALLOWED_ORIGINS")
    assert (checks["turn"]["status"], checks["turn"]["setting"]) == ("skipped", "TURN")
    assert checks["valkey"]["status"] == checks["database"]["status"] == checks["migrations"]["status"] == "ok"


def test_findings_are_in_the_reader_s_language(api_as):
    answer = api_as(make_user(role="moderator")).get(DOCTOR, HTTP_HOST="voice.invalid", HTTP_ACCEPT_LANGUAGE="ru")
    page = next(check for check in answer.json()["checks"] if check["name"] == "page")
    assert page["finding"] == "Имя voice.invalid не соответствует никакому адресу"


def test_only_by_a_name_that_is_allowed(api_as, settings):
    settings.ALLOWED_HOSTS = ["voice.invalid"]
    api = api_as(make_user(role="moderator"))
    assert is_error(api.get(DOCTOR, HTTP_HOST="database.internal:5432"), 400)
    assert api.get(DOCTOR, HTTP_HOST="voice.invalid").status_code == 200


@pytest.mark.parametrize("host", ["voice.invalid:0", "voice.invalid:99999", "a..b", "[::1", "voice_1.invalid"])
def test_strange_hosts_are_no_failure(api_as, host):
    assert api_as(make_user(role="moderator")).get(DOCTOR, HTTP_HOST=host).status_code in {200, 400}


def test_so_often_and_no_more(api_as, settings, monkeypatch):
    settings.RATE_LIMITS = True
    monkeypatch.setattr(doctor, "EXAMINATIONS", Limit("voice-doctor-test", most=2, window=3600))
    api = api_as(make_user(role="moderator"))
    statuses = [api.get(DOCTOR).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
