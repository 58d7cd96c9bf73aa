"""No input that was ever kept breaks a promise, and a look for others finds none."""

import pytest

from tests.fuzz import corpus, plane, run
from tests.fuzz.draw import Draw, pieces
from tests.fuzz.targets import TARGETS

SECONDS = 1
SEED = 1
NEEDS_ATHERIS = pytest.mark.skipif(not run.is_there(), reason="atheris is not installed: it has wheels for Linux on x86-64")


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_kept_still_passes(target):
    kept = corpus.load(target)
    assert kept, "each target has a corpus"
    for data in kept:
        TARGETS[target](data)


def test_the_corpus_is_small_and_of_targets_alone():
    files = list(corpus.FOLDER.iterdir())
    assert {path.stem for path in files} == TARGETS.keys()
    assert sum(path.stat().st_size for path in files) < 1_000_000


@NEEDS_ATHERIS
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_new_breaks_a_promise(target):
    found = run.fuzz(target, SECONDS, SEED)
    assert found.mistakes == [], found.told
    assert found.runs >= len(corpus.load(target))


def broken(data: bytes) -> None:
    if len(data) > 3:
        raise ValueError("a promise")


@NEEDS_ATHERIS
def test_a_broken_promise_is_found_and_told():
    found = run.fuzz(f"{__name__}:broken", SECONDS, SEED)
    assert [len(data) > 3 for data in found.mistakes] == [True]
    assert "ValueError: a promise" in found.told


def test_the_shortest_inputs_that_go_all_ways_are_kept():
    target = TARGETS["websocket-handshake"]
    inputs = [b"GET", b"GET\nHost: a", b"GET\nHost: somewhere", b"POST", b"POST and more"]
    kept = corpus.smallest(target, inputs)
    assert kept == [b"GET", b"POST", b"GET\nHost: a"]
    assert corpus.smallest(target, [*kept, *inputs]) == kept


def test_bytes_are_drawn_whole_and_cut_whole():
    draw = Draw(b"\x07\x02abc")
    assert (draw.number(4), draw.piece(), draw.more, draw.rest(), draw.number(9)) == (3, b"ab", True, b"c", 0)
    for size in range(5):
        assert b"".join(pieces(b"abcd", size)) == b"abcd"
    assert list(pieces(b"", 0)) == []


def test_the_c_plane_reads_no_byte_past_the_end():
    compiled = plane.c_plane()
    if compiled is None:
        pytest.skip("there is no C compiler: the data path in C is not compared")
    for data in corpus.load("frames"):
        for size in range(min(len(data), 40)):
            assert compiled.frame(data[:size]) in range(-1, size + 1)
            compiled.is_message(data[:size])
