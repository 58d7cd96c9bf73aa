"""Pages that say which test proves what name tests that exist.

A pointer is `tests/x/test_y.py::test_z` in backticks, or `::TestZ` for a class and a state machine. Files are read, not imported.
A claim is in a row of a table; whoever renames a test finds here who pointed to it.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "docs" / "requirements.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
POINTER = re.compile(r"`(tests/[\w./-]+)::([^`]*)`")
ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \|$", re.MULTILINE)
WITHOUT = "No test: "
CHAPTERS = {"Requirements": 37, "In detail": 160, "Engine.IO, Socket.IO, WebSocket": 12, "TURN": 38}


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names pytest would collect from a file, and those of state machines: `TestHub = AnyHistory.TestCase`."""
    names: set[str] = set()
    for statement in ast.parse(path.read_text()).body if path.is_file() else []:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith("test_"):
                names.add(name)
            case ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]) if name.startswith("Test"):
                names.add(name)
    return frozenset(names)


def dangling(page: str) -> list[str]:
    """The pointers of a page that lead nowhere."""
    return [f"{path}::{name}" for path, name in POINTER.findall(page) if name not in names_in(ROOT / path)]


def rows(page: str, chapter: str) -> dict[int, str]:
    """What the last column of a chapter's table says, by number. Of a number that is there twice, both."""
    _, found, text = page.partition(f"\n## {chapter}\n")
    assert found, f"no chapter {chapter!r}"
    told: dict[int, str] = {}
    for number, _, proof in ROW.findall(text.partition("\n## ")[0]):
        told[int(number)] = proof + told.get(int(number), "")
    return told


def unproved(told: dict[int, str]) -> list[int]:
    return [number for number, proof in told.items() if not POINTER.search(proof) and not proof.startswith(WITHOUT)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_pointer_leads_to_a_test(page):
    assert dangling(page.read_text()) == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_line_of_the_requirements_is_there_and_points_to_a_test_or_says_why_not(chapter):
    told = rows(REQUIREMENTS.read_text(), chapter)
    assert sorted(told) == list(range(1, CHAPTERS[chapter] + 1))
    assert unproved(told) == []


def test_a_pointer_to_nothing_a_missing_proof_and_a_wrong_chapter_are_seen():
    here = "tests/test_pointers.py"
    page = f"""
## First
| 1 | stands | `{here}::test_every_pointer_leads_to_a_test` |
| 2 | fell over | `{here}::test_that_was_renamed` and `tests/nowhere.py::test_x` |
| 3 | a state machine | `tests/unit/voice/test_hub.py::TestAnyHistory` |
| 4 | promised | later |
| 5 | cannot be | No test: nobody can |

## Second
| 1 | another | elsewhere |
"""
    assert dangling(page) == [f"{here}::test_that_was_renamed", "tests/nowhere.py::test_x"]
    assert sorted(rows(page, "First")) == [1, 2, 3, 4, 5]
    assert unproved(rows(page, "First")) == [4]
    assert unproved(rows(page, "Second")) == [1]
