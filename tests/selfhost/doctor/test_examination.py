"""The examination as a whole: storage, the command, and that nothing it meets makes it fail."""

import asyncio
import json
import socket
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from launch.postgres_server import OWNER, SUPERUSER
from selfhost.doctor import examine as examination
from selfhost.doctor.examine import examine, examined
from selfhost.doctor.reach import stun
from selfhost.doctor.storage import database, valkey
from selfhost.doctor.words import Check
from tests.selfhost.doctor.conftest import case, ills, of
from tests.selfhost.doctor.fronts import Front, standing
from tests.selfhost.doctor.relays import Place


@pytest.fixture
def closed_port():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield closed.getsockname()[1]


@pytest.mark.django_db
async def test_an_instance_that_is_well(start):
    with start() as place:
        async with standing(Front()) as public:
            report = await examine(case(public, place, stun_urls=(f"stun:localhost:{place.port}",)))
    assert ills(report) == set()
    assert report.healthy


@pytest.mark.django_db
async def test_the_database_answers_and_fits():
    assert [(check.name, check.status) for check in await database(case())] == [("database", "ok"), ("migrations", "ok")]


@pytest.mark.django_db
async def test_the_database_is_down(monkeypatch, closed_port):
    monkeypatch.setitem(connections.settings["default"], "HOST", "127.0.0.1")
    monkeypatch.setitem(connections.settings["default"], "PORT", closed_port)
    assert ills(await database(case())) == {("database", "error", "DATABASE_URL")}


@pytest.mark.django_db(transaction=True)
def test_the_database_is_older_than_the_code():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'moderation' RETURNING name, applied")
        gone = cursor.fetchall()
        try:
            found = asyncio.run(database(case()))
        finally:
            cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES ('moderation', %s, %s)", gone)
    assert ills(found) == {("migrations", "error", "DATABASE_URL")}
    assert "moderation.0001_reports" in of(found, "migrations").detail


@pytest.mark.django_db(transaction=True)
def test_the_database_is_newer_than_the_code():
    MigrationRecorder(connection).record_applied("servers", "0900_galaxies")
    try:
        found = asyncio.run(database(case()))
    finally:
        MigrationRecorder(connection).record_unapplied("servers", "0900_galaxies")
    assert ills(found) == {("migrations", "warning", "NEWER_DATABASE")}
    assert "servers.0900_galaxies" in of(found, "migrations").detail


@pytest.mark.django_db
async def test_the_database_is_asked_as_a_superuser(monkeypatch):
    """Only the embedded server has one whom we may ask to sign in."""
    if connections.settings["default"]["USER"] != OWNER:
        pytest.skip("DATABASE_URL names another server")
    monkeypatch.setitem(connections.settings["default"], "USER", SUPERUSER)
    assert ills(await database(case())) == {("database", "warning", "DATABASE_URL")}


async def test_valkey_carries_messages():
    assert [(check.name, check.status) for check in await valkey(case())] == [("valkey", "ok")]


async def test_valkey_is_down(closed_port):
    found = await valkey(case(redis_url=f"redis://127.0.0.1:{closed_port}/0"))
    assert ills(found) == {("valkey", "error", "REDIS_URL")}


async def test_something_else_is_where_valkey_should_be():
    async with standing(Front(always=400)) as public:
        found = await valkey(case(redis_url=f"redis://127.0.0.1:{public.port}/0"))
    assert ills(found) == {("valkey", "error", "REDIS_URL")}


async def test_an_address_of_valkey_that_is_none():
    assert ills(await valkey(case(redis_url="valkey.example.com"))) == {("valkey", "error", "REDIS_URL")}


@pytest.mark.parametrize(
    ("url", "status"), [("stun:relay.invalid", "warning"), ("http://stun.test", "error"), ("stun:localhost:{}", "warning")]
)
async def test_stun_servers_that_do_not_answer(closed_port, url, status):
    assert ills(await stun(case(stun_urls=(url.format(closed_port),)))) == {("stun", status, "STUN_URLS")}


async def test_without_stun_servers_none_is_asked():
    (check,) = await stun(case())
    assert check.status == "skipped"


@pytest.mark.django_db
async def test_several_ills_are_told_together(closed_port):
    async with standing(Front(upgrades=False)) as public:
        worse = case(public, Place(), origins=(), redis_url=f"redis://127.0.0.1:{closed_port}")
        report = await examine(replace(worse, stun_urls=("stun:",)))
    assert not report.healthy
    assert {setting for _, _, setting in ills(report)} == {"proxy", "TURN_PORT", "ALLOWED_ORIGINS", "REDIS_URL", "STUN_URLS"}


async def test_a_probe_that_fails_is_a_finding(monkeypatch):
    async def broken(_):
        raise KeyError("x")

    async def endless(_):
        await asyncio.Event().wait()

    monkeypatch.setattr(examination, "PROBES", {broken: ("stun", "STUN_URLS"), endless: ("turn", "TURN_URLS")})
    monkeypatch.setattr(examination, "ALTOGETHER", 0.01)
    report = await examine(case())
    assert ills(report) == {("stun", "error", "STUN_URLS"), ("turn", "error", "TURN_URLS")}


async def test_who_asks_while_another_is_examined_shares_its_answer(monkeypatch):
    """And with another question waits for its turn."""
    begun, asked = [], case()

    async def slow(each):
        begun.append(each.public)
        await asyncio.sleep(0.05)
        return []

    monkeypatch.setattr(examination, "PROBES", {slow: ("x", "X")})
    monkeypatch.setattr(examination, "_last", None)
    other = replace(asked, public=replace(asked.public, host="other.test"))
    first, second = await asyncio.gather(asyncio.to_thread(examined, asked), asyncio.to_thread(examined, asked))
    assert first is second
    assert await asyncio.to_thread(examined, other) is not first
    assert begun == [asked.public, other.public]


def run(*arguments):
    out = StringIO()
    status = 0
    try:
        call_command("voice_doctor", *arguments, stdout=out)
    except SystemExit as end:
        status = end.code
    return status, out.getvalue()


@pytest.fixture
def told(monkeypatch):
    """The command's report, without looking at anything."""
    checks: list[Check] = []

    async def probe(_):
        return checks

    monkeypatch.setattr(examination, "PROBES", {probe: ("x", "X")})
    return checks


def test_the_command_tells_what_to_change(told):
    told += [*asyncio.run(valkey(case())), *asyncio.run(stun(case(stun_urls=("stun:",))))]
    status, text = run("--url", "https://voice.test")
    assert status == 1
    assert text.splitlines() == [
        "ok       valkey: Valkey carries messages",
        "error    stun: No address of a server: stun: does not read turn:host:port?transport=udp",
        "         change STUN_URLS",
        "         (stun:)",
        "Not healthy: see the errors above.",
    ]


def test_the_command_as_json_and_its_exit_code(told):
    told += asyncio.run(valkey(case()))
    status, text = run("--json")
    assert status == 0
    check = {"name": "valkey", "status": "ok", "finding": "Valkey carries messages", "setting": None, "detail": ""}
    assert json.loads(text) == {"checks": [check], "healthy": True}


@pytest.mark.parametrize("url", ["voice.test", "ftp://voice.test", "https://voice.test:x"])
def test_the_command_refuses_what_is_no_url(url):
    with pytest.raises(CommandError, match="--url"):
        run("--url", url)


@pytest.mark.django_db
def test_the_command_examines_what_the_settings_name(closed_port):
    settings = {"TURN_URLS": [f"turn:localhost:{closed_port}?transport=tcp"], "STUN_URLS": ["stun:relay.invalid"]}
    with override_settings(**settings, ALLOWED_HOSTS=["voice.test"]):
        status, text = run("--json", "--url", f"http://localhost:{closed_port}")
    assert status == 1
    found = {(check["name"], check["status"], check["setting"]) for check in json.loads(text)["checks"]}
    assert {
        ("turn-tcp", "error", "TURN_URLS"),
        ("stun", "warning", "STUN_URLS"),
        ("hosts", "error", "ALLOWED_HOSTS"),
        ("page", "warning", "proxy"),
        ("database", "ok", None),
        ("valkey", "ok", None),
    } <= found
