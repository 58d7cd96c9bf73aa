"""`./test --acceptance tests/api` writes the table of docs/protocols/projectvoice.md: what each endpoint was seen to answer.

A pytest plugin. It counts answers of tests that passed; those of tests/api/schema, which ask everything of everybody, prove
nothing in particular and are left out.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

PAGE = Path(__file__).parent.parent / "docs" / "protocols" / "projectvoice.md"
BEGIN, END = "<!-- acceptance: written by ./test --acceptance tests/api -->\n", "<!-- end of acceptance -->\n"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Answer(NamedTuple):
    method: str
    path: str
    status: int


seen: dict[str, set[Answer]] = defaultdict(set)  # by test


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--acceptance", action="store_true", help="write the acceptance table from the tests that pass")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--acceptance"):
        if config.getoption("numprocesses", None):
            raise pytest.UsageError("--acceptance writes what one process saw: leave -n out")
        settings.MIDDLEWARE = ["tests.acceptance.recorder", *settings.MIDDLEWARE]


def recorder(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition("[")[0].partition(" ")[0]
        if request.resolver_match is not None and request.method in METHODS and "/schema/" not in test:
            seen[test].add(Answer(request.method, template(request.resolver_match.route), response.status_code))
        return response

    return middleware


def template(route: str) -> str:
    """A route of Django's as the OpenAPI document writes it."""
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if not report.passed:
        seen.pop(report.nodeid.partition("[")[0], None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--acceptance"):
        head, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(head + BEGIN + "\n" + "\n".join(table()) + "\n\n" + END + rest.partition(END)[2])


def table() -> Iterator[str]:
    """A row per endpoint. Of the tests that saw the good answer the one stands for it that asks least of other endpoints."""
    yield "| endpoint | seen to answer | proof |"
    yield "|---|---|---|"
    by_endpoint: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for test, answers in seen.items():
        for method, path, status in answers:
            by_endpoint[path, method][status].add(test)
    for path, method in sorted(endpoints()):
        statuses = by_endpoint[path, method]
        good = [test for status in statuses if status < 300 for test in statuses[status]]
        proof = min(good, key=lambda test: (len({answer[:2] for answer in seen[test]}), test), default="")
        yield f"| `{method} {path}` | {', '.join(map(str, sorted(statuses)))} | {named(proof)} |"


def named(test: str) -> str:
    file, _, name = test.removeprefix("tests/").partition("::")
    return f"[{name}](../../tests/{file})" if test else ""


def endpoints() -> set[tuple[str, str]]:
    """Path and method of every endpoint of ours, from the URL table."""
    from django.urls import URLPattern, get_resolver

    from projectvoice.kernel.api import Api

    found: set[tuple[str, str]] = set()

    def walk(patterns: Any, prefix: str) -> None:
        for entry in patterns:
            route = prefix + str(entry.pattern)
            if not isinstance(entry, URLPattern):
                walk(entry.url_patterns, route)
            elif issubclass(getattr(entry.callback, "cls", object), Api):
                found.update((template(route), method) for method in METHODS if hasattr(entry.callback.cls, method.lower()))

    walk(get_resolver().url_patterns, "")
    return found
