"""`manage.py backup` and `manage.py restore`: a round trip through a real second database, and every way it can go wrong."""

import io
import json
import stat
import tarfile
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError
from django.db import connection

from projectvoice import environment
from selfhost import postgres
from tests.conftest import PATIENCE, Instance
from tests.factories import make_token, make_user
from tests.selfhost.conftest import run


def repacked(path, change):
    """The same backup with its parts changed by somebody who knows the format: {name: bytes} in, the same out."""
    with tarfile.open(path) as tar:
        parts = {member.name: tar.extractfile(member).read() for member in tar}
    with tarfile.open(path, "w") as tar:
        for name, content in change(parts).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def manifest(path):
    with tarfile.open(path) as tar:
        return json.load(tar.extractfile("manifest.json"))


def files_in(media):
    return {str(path.relative_to(media)): path.read_bytes() for path in media.rglob("*") if path.is_file()}


def test_all_comes_back_as_it_was(town, here, elsewhere, folder, media):
    token = make_token(town.anna)
    printed = run("backup")
    (path,) = folder.glob("projectvoice-*.tar")
    assert path.name in printed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(folder.iterdir()) == [path]

    there = elsewhere()
    done = there.manage("restore", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{there.name} is as it was at 20")
    before, after = here.rows(), there.rows()
    assert before.keys() == after.keys()
    assert {table for table in before if before[table] != after[table]} == {"events_log", "sequences"}
    others = [[row for row in rows["sequences"] if not row.startswith("events_event_id")] for rows in (before, after)]
    assert others[0] == others[1]
    assert len(before["messaging_message"]) == 11
    assert len(before["messaging_reaction"]) == 4
    assert len(before["messaging_attachment"]) == len(files_in(media)) == 4
    assert files_in(there.media) == files_in(media)
    assert "unbroken" in there.manage("verify_audit").stdout

    instance = Instance({**there.env, "STUN_URLS": "none"})
    instance.start()
    try:
        page = instance.api("GET", f"/messages?channelId={town.channel.pk}", token).json()
        assert page["total"] == 9
        (file,) = page["messages"][-1]["attachments"]
        assert requests.get(instance.url + file["url"], timeout=PATIENCE).content == b"hers"
        written = instance.api("POST", "/messages", token, channelId=town.channel.pk, content="life goes on")
        assert written.status_code == 201
    finally:
        instance.stop()
    with pytest.raises(Exception, match="append-only"), there.connect() as client:
        client.execute("DELETE FROM audit_auditentry")


def test_the_newest_backups_are_kept(town, folder):
    for day in range(1, 5):
        (folder / f"projectvoice-2026010{day}T000000Z.tar").touch()
    (folder / "projectvoice-by-hand.tar").touch()
    run("backup", keep=2)
    left = sorted(path.name for path in folder.iterdir())
    assert len(left) == 3
    assert {"projectvoice-20260104T000000Z.tar", "projectvoice-by-hand.tar"} < set(left)
    run("backup", output=folder / "nightly", keep=2)  # it is made, but not the disk it would lie on
    assert len(list((folder / "nightly").iterdir())) == 1
    for output, keep in ((Path("named.tar"), 2), (Path(), 0), (Path("no-disk/nightly"), 2)):
        with pytest.raises(CommandError, match="--keep takes"):
            run("backup", output=output, keep=keep)


def test_a_backup_overwrites_nothing_and_a_failed_one_leaves_nothing(backup, folder, monkeypatch):
    before = backup.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        run("backup", output=backup)
    assert backup.read_bytes() == before
    monkeypatch.setenv("PGSSLMODE", "nonsense")  # pg_dump cannot connect
    with pytest.raises(CommandError, match="could not be dumped"):
        run("backup", output=folder / "broken.tar")
    assert list(folder.iterdir()) == [backup]


def test_uploaded_files_come_along_and_nothing_else_of_their_folder(town, folder, media, settings):
    before = files_in(media)
    (media / "ab" / "cd").mkdir(parents=True, exist_ok=True)
    (media / "ab" / "cd" / "Привет.png").write_bytes(b"\x89PNG" * 100_000)
    (media / "empty").touch()
    (media / ".upload").write_text("not finished")
    assert f"{len(before) + 2} uploaded files" in run("backup", output=folder / "town.tar")

    (media / "empty").write_text("changed")
    (media / "later").write_text("later")
    (media / next(iter(before))).unlink()
    with pytest.raises(CommandError, match="is not empty"):
        run("restore", folder / "town.tar")
    run("restore", folder / "town.tar", replace=True, yes=True)
    assert stat.S_IMODE((media / "empty").stat().st_mode) == 0o600
    assert files_in(media) == {**before, "ab/cd/Привет.png": b"\x89PNG" * 100_000, "empty": b""}

    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "elsewhere.Bucket", "OPTIONS": {}}}
    with pytest.raises(CommandError, match="name no folder"):
        run("restore", folder / "town.tar", replace=True, yes=True)


def cut(path, share):
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def flip(path):
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, io.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


def told(**changes):
    def change(parts):
        return {**parts, "manifest.json": json.dumps({**json.loads(parts["manifest.json"]), **changes}).encode()}

    return change


DAMAGES = {
    "cut in the middle": (lambda path: cut(path, 0.5), "is damaged, or no backup"),
    "its end cut off": (lambda path: cut(path, 0.85), "is damaged, or no backup"),
    "empty": (lambda path: path.write_bytes(b""), "is damaged, or no backup"),
    "another file": (lambda path: path.write_text("hello" * 1000), "is damaged, or no backup"),
    "one bit": (flip, r"database\.dump is not what was put in"),
    "a wrong sum": (
        lambda path: repacked(path, told(parts={"database.dump": "0" * 64})),
        r"database\.dump is not what was put in",
    ),
    "no manifest": (
        lambda path: repacked(path, lambda parts: {"database.dump": parts["database.dump"]}),
        "its end is missing",
    ),
    "no database": (
        lambda path: repacked(path, lambda parts: {"manifest.json": parts["manifest.json"]}),
        r"database\.dump is not what was put in",
    ),
    "a file too many": (
        lambda path: repacked(path, lambda parts: {"files/x": b"x", **parts}),
        "files/x is not what was put in",
    ),
    "a way out": (lambda path: repacked(path, lambda parts: {"files/../../x": b"x", **parts}), "does not belong here"),
    "no object": (lambda path: repacked(path, lambda parts: {**parts, "manifest.json": b"[]"}), "is damaged, or no backup"),
    "a newer format": (lambda path: repacked(path, told(format=2)), "has format 2; this code reads format 1"),
    "a newer version": (
        lambda path: repacked(path, told(version="9.0.0", migrations=["servers.0001_initial", "servers.0900_galaxies"])),
        r"from ProjectVoice 9\.0\.0, newer than this .*servers\.0900_galaxies",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_not_a_whole_backup_changes_nothing(backup, here, media, damage):
    (media / "picture").touch()
    spoil, complaint = DAMAGES[damage]
    spoil(backup)
    make_user()
    before = here.rows()
    with pytest.raises(CommandError, match=complaint):
        run("restore", backup, replace=True, yes=True)
    assert here.rows() == before
    assert [path.name for path in media.iterdir()] == ["picture"]


def test_a_file_that_is_not_there_is_named(town, folder):
    with pytest.raises(CommandError, match=r"Cannot read .*missing\.tar: No such file"):
        run("restore", folder / "missing.tar")


def test_a_database_that_holds_something_is_replaced_only_when_its_name_is_typed(backup, elsewhere):
    there = elsewhere()
    with there.connect() as client:
        client.execute("CREATE TABLE precious (value text); INSERT INTO precious VALUES ('kept')")
    for command, typed in ((("restore",), ""), (("restore", "--replace"), "yes\n")):
        refused = there.manage(*command, str(backup), typed=typed)
        assert refused.returncode == 1
        assert "is not empty. --replace" in refused.stderr or "Nothing was changed." in refused.stderr
        assert there.rows() == {"precious": ["(kept)"], "sequences": []}
    assert there.manage("restore", "--replace", str(backup), typed=f"{there.name}\n").returncode == 0
    assert "precious" not in there.rows()


def test_a_load_that_fails_half_way_changes_nothing(transactional_db, elsewhere, folder):
    """The dump holds another schema too, which the target already has: psql stops after all of `public` was dropped."""
    there = elsewhere()
    with there.connect() as client:
        client.execute("CREATE SCHEMA zoo; CREATE TABLE precious (value text); INSERT INTO precious VALUES ('kept')")
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA zoo")
        run("backup", output=folder / "zoo.tar")
        cursor.execute("DROP SCHEMA zoo")
    refused = there.manage("restore", "--replace", "--yes", str(folder / "zoo.tar"))
    assert refused.returncode == 1
    assert "The database is as it was" in refused.stderr
    assert 'schema "zoo" already exists' in refused.stderr
    assert there.rows() == {"precious": ["(kept)"], "sequences": []}


def test_a_database_without_tables_is_no_instance(elsewhere, folder):
    refused = elsewhere().manage("backup", "--output", str(folder))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "holds nothing to back up" in refused.stderr
    assert list(folder.iterdir()) == []


def test_an_older_backup_is_brought_up_to_date(elsewhere, folder):
    first, second = elsewhere(), elsewhere()
    assert first.manage("migrate", "-v0", "messaging", "0001").returncode == 0
    assert first.manage("backup", "--output", str(folder / "old.tar")).returncode == 0
    assert "messaging.0002_reactions_pins_read_state" not in manifest(folder / "old.tar")["migrations"]
    done = second.manage("restore", str(folder / "old.tar"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "messaging_reaction" in second.rows()


def test_whom_a_restore_has_to_wait_for_too_long_is_told(backup, here, monkeypatch):
    monkeypatch.setattr(postgres, "BEGIN", postgres.BEGIN.replace(b"'10s'", b"'10ms'"))
    make_user()
    before = here.rows()
    with here.connect() as client, client.transaction():
        client.execute("LOCK TABLE accounts_user")
        with pytest.raises(CommandError, match="lock timeout"):
            run("restore", backup, replace=True, yes=True)
    assert here.rows() == before


def test_programs_older_than_the_server_are_refused_and_the_nearest_is_taken():
    old, same, newer = Path("/old"), Path("/same"), Path("/newer")
    assert postgres.fitting({newer: 18, same: 17, old: 15}, 17) == same
    assert postgres.fitting({newer: 18, old: 15}, 17) == newer
    with pytest.raises(
        CommandError, match="The server is PostgreSQL 18: pg_dump 18 or newer is needed on the PATH; there is 15 in /old"
    ):
        postgres.fitting({old: 15}, 18)
    with pytest.raises(CommandError, match="there is none"):
        postgres.fitting({}, 18)


def test_the_programs_get_the_password_by_their_environment(monkeypatch):
    url = "postgresql://app:hun%20ter2@%2Ftmp%2Fplace/name?sslmode=require&port=6000"
    for name, value in environment.database(url).items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    expected = {
        "PGHOST": "/tmp/place",
        "PGPORT": "6000",
        "PGUSER": "app",
        "PGPASSWORD": "hun ter2",
        "PGDATABASE": "name",
        "PGSSLMODE": "require",
    }
    assert postgres.environment().items() >= expected.items()
