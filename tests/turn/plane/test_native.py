"""What only the data path in C has: a library to be built, and memory to be careful with. What it promises to clients stands beside this."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from turn.plane import build

ROOT = Path(__file__).parents[3]
COMPILER = shutil.which("cc")
NEEDS_COMPILER = pytest.mark.skipif(COMPILER is None, reason="no C compiler (cc)")
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror")
SANITIZERS = ("-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
PATIENCE = 300.0


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=os.environ | env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def sanitizer(name: str) -> str | None:
    """Where the compiler has this library, if it has it."""
    if COMPILER is None:
        return None
    found = run(COMPILER, f"-print-file-name={name}").stdout.strip()
    return found if os.path.isabs(found) else None


SANITIZER_LIBRARIES = [sanitizer("libasan.so"), sanitizer("libubsan.so")]


@NEEDS_COMPILER
def test_library_is_built_once(tmp_path: Path):
    made = build.library(tmp_path, beside=tmp_path)
    assert made is not None
    first = made.stat()
    assert build.library(tmp_path, beside=tmp_path) == made
    assert (made.stat().st_ino, made.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


@NEEDS_COMPILER
def test_another_source_has_another_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = build.library(tmp_path, beside=tmp_path)
    changed = tmp_path / "relay.c"
    changed.write_text(build.SOURCE.read_text() + "/* */\n")
    monkeypatch.setattr(build, "SOURCE", changed)
    assert build.library(tmp_path, beside=tmp_path) not in {made, None}


@NEEDS_COMPILER
def test_one_that_came_with_the_source_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    image, cache = tmp_path / "image", tmp_path / "cache"
    built = run(sys.executable, "-m", "turn.plane.build", str(image))
    monkeypatch.setenv("CC", "/nowhere/cc")
    assert build.library(cache, beside=image) == Path(built.stdout.strip())
    assert not cache.exists()


@NEEDS_COMPILER
def test_many_processes_build_one_library(tmp_path: Path):
    ask = f"import pathlib; from turn.plane.build import *; print(library(p := pathlib.Path({str(tmp_path)!r}), beside=p))"
    asking = [subprocess.Popen([sys.executable, "-c", ask], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {process.communicate(timeout=PATIENCE)[0].strip() for process in asking}
    assert answers == {str(tmp_path / build.library_name())}
    assert sorted(path.name for path in tmp_path.iterdir()) == [build.library_name(), "relay.lock"]


@pytest.mark.parametrize("compiler", ["/nowhere/cc", "false", 'cc "', "sh -c 'echo relay.c: error: of some kind >&2; exit 1'"])
def test_without_a_compiler_there_is_none_and_one_line_says_so(
    compiler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("CC", compiler)
    assert build.library(tmp_path, beside=tmp_path) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "\n" not in caplog.messages[0]


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "file").touch()
    assert build.library(tmp_path / "file" / "cache", beside=tmp_path) is None
    assert len(caplog.records) == 1


@NEEDS_COMPILER
def test_source_gives_no_warning(tmp_path: Path):
    compiled = run("cc", *WARNINGS, *build.FLAGS, "-o", str(tmp_path / "relay.so"), str(build.SOURCE))
    assert compiled.stderr == ""


@pytest.mark.skipif(None in SANITIZER_LIBRARIES, reason="no C compiler with libasan and libubsan")
@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_storm_of_random_input_breaks_nothing(seed: str, tmp_path: Path):
    library = tmp_path / "relay.so"
    compiled = run("cc", *SANITIZERS, *build.FLAGS, "-o", str(library), str(build.SOURCE))
    assert compiled.returncode == 0, compiled.stderr
    storm = run(
        *(sys.executable, "-m", "tests.turn.plane.storm", str(library), seed),
        LD_PRELOAD=" ".join(filter(None, SANITIZER_LIBRARIES)),
        ASAN_OPTIONS="detect_leaks=0",  # the interpreter has its own
    )
    assert storm.returncode == 0, storm.stderr
    assert storm.stdout.startswith("Counters(malformed=")
