"""What a scrape tells, of all processes of a machine, and what of them is left when one dies."""

import json
import re

import psycopg
from psycopg import sql

from projectvoice.environment import database
from tests.protocol.conftest import Connect, talks
from tests.telemetry.conftest import Looked, figures_of, until, value

GROWING = re.compile(r"_(total|count|sum|bucket)$")
ROUTE = "/api/servers/<id:server_id>"


async def test_one_scrape_tells_of_all_processes(looked: Looked, connect: Connect):
    owner, member = looked.sign_up(), looked.sign_up()
    server, channel = looked.voice_channel(owner, member)
    before = looked.figures()
    for _ in range(4):  # by connections of their own, which any worker takes
        assert looked.api("GET", f"/servers/{server}", owner["token"]).status_code == 200
    ann = await connect(owner, instance=looked, worker=0)
    bob = await connect(member, instance=looked, worker=1)
    await ann.join(channel)
    await bob.join(channel)
    await ann.until("user-connected")
    await talks(ann, bob)
    for _ in range(3):
        now = looked.figures()
        up = {dict(labels)["process"]: there for (name, labels), there in now.items() if name == "projectvoice_process_up"}
        assert up == {"web-0": 1, "web-1": 1, "push": 1}
        answered = {"method": "GET", "route": ROUTE}

        def grown(name: str, before=before, now=now, **labels: str) -> float:
            return value(now, name, **labels) - value(before, name, **labels)

        assert grown("projectvoice_http_requests_total", **answered, status="200") == 4
        assert grown("projectvoice_http_request_seconds_count", **answered) == 4
        assert grown("projectvoice_joins_total", dialect="projectvoice", outcome="seated") == 2
        assert grown("projectvoice_rooms", kind="channel") == 1  # over two workers
        assert grown("projectvoice_peers", kind="channel") == 2
        assert grown("projectvoice_sockets", dialect="projectvoice") == 2
        assert grown("projectvoice_frames_total", dialect="projectvoice", direction="in") >= 4
        assert grown("projectvoice_frames_total", dialect="projectvoice", direction="out") >= 5
        assert grown("projectvoice_bus_published_total", bus="calls") > 0
        assert value(now, "projectvoice_bus_up", process="web-1", bus="live") == 1
        assert value(now, "projectvoice_database_up") == 1
        assert value(now, "projectvoice_database_connections") > 0
        assert value(now, "projectvoice_events_log_head") > 0
    await bob.leave()
    left = until(lambda: (now := looked.figures()) and value(now, "projectvoice_peers", kind="channel") == 1 and now)
    assert value(left, "projectvoice_sockets_closed_total", dialect="projectvoice", reason="gone") >= 1


async def test_of_a_dead_worker_gauges_vanish_and_nothing_counted_is_lost(looked: Looked, connect: Connect):
    user = looked.sign_up()
    client = await connect(user, instance=looked, worker=1)
    await client.join("anywhere", user["token"])
    before = looked.figures()
    memory = ("projectvoice_process_resident_memory_bytes", (("process", "web-1"),))
    assert before[memory] > 1_000_000
    looked.kill(1)
    dead = looked.figures()
    assert value(dead, "projectvoice_process_up", process="web-1") == 0
    assert memory not in dead
    assert value(dead, "projectvoice_sockets", dialect="projectvoice") < value(
        before, "projectvoice_sockets", dialect="projectvoice"
    )
    looked.revive(1)
    again = until(lambda: (now := looked.figures()) and value(now, "projectvoice_process_up", process="web-1") and now)
    assert again[memory] > 1_000_000
    for earlier, later in ((before, dead), (dead, again)):
        shrunk = {
            key: (was, later.get(key)) for key, was in earlier.items() if GROWING.search(key[0]) and later.get(key, -1.0) < was
        }
        assert shrunk == {}


def test_a_worker_that_stands_still_is_missed_and_the_others_tell(looked: Looked):
    before = looked.figures()
    with looked.only(0):
        now = looked.figures()
        assert value(now, "projectvoice_process_up", process="web-1") == 0
        assert value(now, "projectvoice_process_up", process="web-0") == 1
        cpu = ("projectvoice_process_cpu_seconds_total", (("process", "web-1"),))
        assert now[cpu] == before[cpu]


def test_labels_hold_nothing_that_somebody_chose(looked: Looked):
    looked.api("GET", "/servers/918273645", looked.sign_up()["token"])
    for path in ("/nowhere-918273645", "/invite/invite/wxyzwxyz918273645"):
        assert looked.api("GET", path).status_code == 404
    figures = looked.figures()
    assert value(figures, "projectvoice_http_requests_total", method="GET", route="(unknown)", status="404") >= 1
    assert value(figures, "projectvoice_http_requests_total", method="GET", route=ROUTE, status="404") >= 1
    values = {label for _, labels in figures for _, label in labels}
    assert not [label for label in values if "918273645" in label]
    assert len(figures) < 20_000


def test_what_refuses_is_counted(looked: Looked):
    before = looked.figures()
    assert looked.api("POST", "/auth/login", email="x" * 1_100_000).status_code == 413
    grown = {"method": "POST", "route": "(refused)", "status": "413"}
    assert (
        value(looked.figures(), "projectvoice_http_requests_total", **grown)
        == value(before, "projectvoice_http_requests_total", **grown) + 1
    )


def test_without_a_database_the_rest_is_told(looked: Looked):
    server = database(looked.env["DATABASE_URL"])
    login = {
        "host": server["HOST"],
        "port": server["PORT"] or None,
        "user": server["USER"],
        "password": server["PASSWORD"] or None,
    }
    name = server["NAME"]
    with psycopg.connect(**login, dbname="postgres", autocommit=True) as admin:
        door = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        admin.execute(door.format(sql.Identifier(name), sql.SQL("false")))
        try:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            figures = until(lambda: (now := looked.figures()) and not value(now, "projectvoice_database_up") and now)
            assert value(figures, "projectvoice_process_up", process="web-0") == 1
            assert not [key for key in figures if key[0] == "projectvoice_events_log_head"]
        finally:
            admin.execute(door.format(sql.Identifier(name), sql.SQL("true")))
    assert until(lambda: value(looked.figures(), "projectvoice_database_up"))
    assert until(lambda: looked.api("GET", "/servers", looked_token(looked)).status_code == 200)


def looked_token(looked: Looked) -> str:
    return looked.sign_up()["token"]


def test_whoever_asks_for_openmetrics_gets_it(looked: Looked):
    plain, opened = looked.metrics(), looked.metrics(Accept="application/openmetrics-text; version=1.0.0")
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert opened.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert opened.text.endswith("# EOF\n")
    assert {name for name, _ in figures_of(plain.text)} >= {"projectvoice_http_requests_total", "projectvoice_build_info"}
    assert json.dumps(sorted({name.removesuffix("_total") for name, _ in figures_of(plain.text)}))
