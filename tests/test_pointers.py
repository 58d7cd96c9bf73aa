"""Pages that say which test proves what name tests that exist.

A pointer is `tests/x/test_y.py::test_z` in backticks, or `::TestZ` for a class and a state machine. Files are read, not imported.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
POINTER = re.compile(r"`(tests/[\w./-]+)::([^`]*)`")


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_pointer_leads_to_a_test(page):
    assert dangling(page.read_text()) == []


def test_a_pointer_to_nothing_is_seen():
    here = "tests/test_pointers.py"
    page = f"""
        | stands | `{here}::test_every_pointer_leads_to_a_test` |
        | a state machine | `tests/unit/voice/test_hub.py::TestAnyHistory` |
        | fell over | `{here}::test_that_was_renamed` and `tests/nowhere.py::test_x` |
    """
    assert dangling(page) == [f"{here}::test_that_was_renamed", "tests/nowhere.py::test_x"]
