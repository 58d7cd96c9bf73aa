"""Migrations on databases in which people have been: forward, backward, beside the former release, by several machines at once."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

from messaging.migrations import __path__ as migrations
from tests.conftest import PATIENCE, ROOT, Instance
from tests.migrations.rules import findings
from tests.selfhost.conftest import Elsewhere, elsewhere, media  # noqa: F401

NEXT = {
    "0900_columns": """
        operations = [
            migrations.AddField('message', 'topic', models.CharField(max_length=50, db_default='none')),
            migrations.AddField('message', 'seen_at', models.DateTimeField(null=True)),
            migrations.CreateModel('Note', [
                ('id', models.BigAutoField(primary_key=True)),
                ('message', models.ForeignKey('messaging.message', models.CASCADE)),
            ]),
        ]
    """,
    "0901_index": """
        atomic = False
        operations = [AddIndexConcurrently('message', models.Index(fields=['topic'], name='message_topic'))]
    """,
    "0902_rows": """
        atomic = False
        operations = [migrations.RunPython(in_batches, migrations.RunPython.noop)]
    """,
    "0903_forgotten": """
        operations = [migrations.SeparateDatabaseAndState([], [migrations.RemoveField('message', 'shown_picture')])]
    """,
}
HEAD = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models, transaction

def in_batches(apps, schema_editor):
    messages = apps.get_model('messaging', 'Message').objects
    last = 0
    while ids := list(messages.filter(pk__gt=last).order_by('pk').values_list('pk', flat=True)[:20]):
        with transaction.atomic():
            messages.filter(pk__in=ids).update(topic='old')
        last = ids[-1]

class Migration(migrations.Migration):
    dependencies = [('messaging', '{former}')]
"""


def test_a_filled_database_goes_forward_and_back(elsewhere: Callable[[], Elsewhere]):
    there = elsewhere()
    done = subprocess.run(
        [sys.executable, "-m", "tests.migrations.history"], cwd=ROOT, env=there.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.pop("rows") > 2700
    assert told.pop("steps") >= 12
    assert set(told) == {"kept", "kept back", "shape back", "kept again", "shape again"}
    assert all(told.values()), told
    assert "instance: 205 entries, 2 checkpoints, unbroken" in there.manage("verify_audit").stdout


def test_several_machines_may_start_at_once(elsewhere: Callable[[], Elsewhere]):
    there = elsewhere()
    command = [sys.executable, ROOT / "manage.py", "migrate", "-v0"]
    both = [subprocess.Popen(command, env=there.env, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=PATIENCE * 3)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert {"", "Another process migrates this database; waiting for it ...\n"} >= set(told)
    assert there.manage("migrate", "--check").returncode == 0


@pytest.fixture
def next_release(tmp_path: Path, elsewhere: Callable[[], Elsewhere]) -> Elsewhere:
    """This release with migrations of the next one, on a database of its own that this release has made."""
    there = elsewhere()
    assert there.manage("migrate", "-v0").returncode == 0
    package = tmp_path / "next_release"
    shutil.copytree(next(iter(migrations)), package / "messaging", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").touch()
    former = max(path.stem for path in (package / "messaging").glob("0*.py"))
    for name, body in NEXT.items():
        (package / "messaging" / f"{name}.py").write_text(HEAD.replace("{former}", former) + body.replace("\n        ", "\n    "))
        former = name
    (package / "settings.py").write_text(
        "from projectvoice.settings import *\nMIGRATION_MODULES = {'messaging': 'next_release.messaging'}\n"
    )
    return there


@pytest.fixture
def serving(next_release: Elsewhere) -> Iterator[Instance]:
    instance = Instance(next_release.env | {"STUN_URLS": "none", "TURN": "off"}, workers=2)
    instance.start()
    yield instance
    instance.stop()


def assert_it_obeys(folder: Path) -> None:
    state = MigrationLoader(None).project_state()
    for name in NEXT:
        migration = import_module(f"next_release.messaging.{name}").Migration(name, "messaging")
        assert findings(migration, state, folder, (folder / f"{name}.py").read_text()) == []
        state = migration.mutate_state(state)


class Writers:
    """People who write without a pause; `stop` says what they were answered."""

    def __init__(self, instance: Instance, count: int = 3) -> None:
        self._instance = instance
        self.statuses: list[int] = []
        self.contents: list[str] = []
        owner = instance.sign_up()
        server = instance.api("POST", "/servers", owner["token"], name="Server").json()["id"]
        self.token = owner["token"]
        self.channel = instance.api("POST", f"/servers/{server}/channels", self.token, name="talk", type="text").json()["id"]
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def _write(self, writer: int) -> None:
        number = 0
        while not self._over.is_set():
            content = f"{writer} {number}"
            answer = self._instance.api("POST", "/messages", self.token, channelId=self.channel, content=content)
            self.statuses.append(answer.status_code)
            self.contents.append(content)
            number += 1

    def go_on(self, more: int = 10) -> None:
        """Until that many more are written."""
        wanted, deadline = len(self.statuses) + more, time.monotonic() + PATIENCE
        while len(self.statuses) < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def test_the_former_release_serves_on_while_the_next_migrates_and_after(next_release, serving, tmp_path, monkeypatch):
    """What the rules let through, done to a database on which two workers of this release are writing; then the way back."""
    monkeypatch.syspath_prepend(tmp_path)
    assert_it_obeys(tmp_path / "next_release" / "messaging")
    env = next_release.env | {"DJANGO_SETTINGS_MODULE": "next_release.settings", "PYTHONPATH": str(tmp_path)}
    writers = Writers(serving)
    writers.go_on(50)
    with next_release.connect() as reader:  # somebody's long report: it keeps the table from being changed, and nobody else
        reader.execute("BEGIN; SELECT count(*) FROM messaging_message")
        migrating = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "migrate", "-v0"], env=env, stderr=subprocess.PIPE, text=True
        )
        assert migrating.stderr is not None
        assert migrating.stderr.readline() == "A table is in use; trying again (1 of 20) ...\n"
        writers.go_on()
        reader.execute("COMMIT")
    assert migrating.wait(PATIENCE) == 0
    writers.go_on()
    writers.stop()
    assert set(writers.statuses) == {201}
    for worker in range(2):  # of the former release, on the new database
        serving.kill(worker)
        serving.revive(worker)
    page = serving.api("GET", f"/messages?channelId={writers.channel}", writers.token).json()
    assert page["total"] == len(writers.contents)
    assert serving.api("POST", "/messages", writers.token, channelId=writers.channel, content="after").status_code == 201

    with next_release.connect() as client:
        rows = client.execute("SELECT content, topic FROM messaging_message ORDER BY id").fetchall()
    assert sorted(content for content, _ in rows) == sorted([*writers.contents, "after"])
    assert {topic for _, topic in rows} == {"old", "none"}

    refused = next_release.manage("migrate", "-v0")
    assert refused.returncode == 1
    assert "The database is newer than this ProjectVoice" in refused.stderr
    assert "messaging.0900_columns, messaging.0901_index, messaging.0902_rows, messaging.0903_forgotten.\n" in refused.stderr
    next_release.env["NEWER_DATABASE"] = "accept"
    assert next_release.manage("migrate", "-v0").returncode == 0
