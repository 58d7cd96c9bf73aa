import subprocess
import sys
import venv

from launch import bootstrap
from launch.bootstrap import ensure_venv, stamp
from launch.options import ROOT


def test_a_stamp_changes_with_the_file_and_with_the_python(tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("django==5.2.19\n")
    before = stamp(requirements, "3.11.7")
    assert before == stamp(requirements, "3.11.7")
    assert before.startswith("requirements.txt ")
    assert before != stamp(requirements, "3.12.1")
    requirements.write_text("django==5.2.20\n")
    assert before != stamp(requirements, "3.11.7")


def test_an_environment_is_made_once_and_again_when_its_requirements_change(tmp_path, capsys):
    """Empty requirements: at most uv is fetched, everything else is real."""
    runtime, development = tmp_path / "requirements.txt", tmp_path / "requirements-dev.txt"
    runtime.write_text("# nothing\n")
    development.write_text("# nothing\n")
    folder = tmp_path / ".venv"
    folder.mkdir()
    venv.create(folder, symlinks=True)
    if (bootstrap.VENV / ".uv").exists():
        (folder / ".uv").symlink_to(bootstrap.VENV / ".uv")
    python = folder / "bin" / "python"

    assert ensure_venv([runtime], folder) == python
    assert "Installing requirements.txt into .venv" in capsys.readouterr().out
    ensure_venv([runtime], folder)
    assert capsys.readouterr().out == ""

    ensure_venv([runtime, development], folder)
    assert "Installing requirements-dev.txt into .venv" in capsys.readouterr().out
    ensure_venv([runtime], folder)
    ensure_venv([runtime, development], folder)
    assert capsys.readouterr().out == ""

    runtime.write_text("# still nothing\n")
    ensure_venv([runtime], folder)
    assert "Installing requirements.txt into .venv" in capsys.readouterr().out


def test_this_environment_has_all_that_is_pinned(capsys):
    assert ensure_venv([bootstrap.RUNTIME, bootstrap.DEVELOPMENT]).exists()
    assert capsys.readouterr().out == ""
    assert sys.version_info >= (3, 11)


def test_it_can_be_called_by_itself():
    done = subprocess.run([sys.executable, "-m", "launch.bootstrap"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
