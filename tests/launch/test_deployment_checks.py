"""Django's own questions about a deployment: answered with the settings that people use, and not silenced beyond need."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import run_checks

from tests.conftest import ROOT

PRODUCTION = {
    "ALLOWED_HOSTS": "voice.example.com",
    "ALLOWED_ORIGINS": "https://voice.example.com",
    "TRUSTED_PROXIES": "192.0.2.7",
}
HTTPS = PRODUCTION | {"PUBLIC_URL": "https://voice.example.com"}


@pytest.mark.parametrize("said", [PRODUCTION, HTTPS], ids=["http", "https"])
def test_check_deploy_has_nothing_to_say(said):
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    environ = {**os.environ, "SECRET_KEY": settings.SECRET_KEY, **said}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_each_silenced_question_would_be_asked(settings):
    """What nobody asks any more needs no exception."""
    silenced, settings.SILENCED_SYSTEM_CHECKS = set(settings.SILENCED_SYSTEM_CHECKS), []
    assert {message.id for message in run_checks(include_deployment_checks=True)} == silenced


def test_cookies_of_the_panel_are_secure_where_people_come_by_https(client, settings):
    """Also behind a proxy that hides it."""
    assert not client.get("/admin/login/").cookies["panel_csrf"]["secure"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    assert client.get("/admin/login/").cookies["panel_csrf"]["secure"]
    assert not client.get("/admin/login/", secure=True).cookies["panel_csrf"]["domain"]
