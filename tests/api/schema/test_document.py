"""The OpenAPI document is whole: every path and method with its chapter, answers, refusals and valid examples."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.acceptance import BEGIN, END, PAGE, endpoints
from tests.api.schema.conftest import shut

PUBLIC = {
    ("post", "/api/auth/register"),
    ("post", "/api/auth/login"),
    ("post", "/api/login"),
    ("post", "/api/auth/two-factor/login"),
    ("post", "/api/auth/password/forgot"),
    ("post", "/api/auth/password/reset"),
    ("post", "/api/auth/email/confirm"),
    *(("post", f"/api/{noun}/{verb}") for noun in ("room", "meeting") for verb in ("join", "leave")),  # but for channels
    ("get", "/api/room/{room_id}/info"),
    ("get", "/api/meeting/{meeting_id}/info"),
    ("get", "/api/attachments/{attachment_id}/{filename}"),  # or a signed link
    ("get", "/api/invite/invite/{token}"),
    ("get", "/api/info"),
    ("get", "/api/health"),
    ("get", "/readyz"),
    ("get", "/rooms"),
    ("post", "/api/rooms/join"),  # or with a token
    ("post", "/api/rooms/leave"),
    ("post", "/api/webhooks/{webhook_id}/{token}"),  # but for that of the address
    ("get", "/api/rooms/stats"),
}
CONTRACT = Path(__file__).with_name("contract.txt")


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, operation) for path, methods in document["paths"].items() for method, operation in methods.items()]


def answers(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By status, with shared refusals looked up."""
    shared = document["components"]["responses"]
    return {
        status: shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        for status, answer in operation["responses"].items()
    }


def test_every_endpoint_is_described_and_nothing_else(document):
    assert {(path, method.upper()) for method, path, _ in operations(document)} == endpoints()


def test_the_acceptance_table_proves_every_endpoint_and_names_no_other():
    table = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r"^\| `(\w+) (\S+)` \| ([0-9, ]+) \| \[test_\w+\]\(\S+\) \|$", table, re.MULTILINE)
    assert {(path, method) for method, path, _ in rows} == endpoints()
    assert all(re.search(r"\b20[0-9]\b", statuses) for _, _, statuses in rows)


def test_every_endpoint_of_the_contract_is_described(document):
    described = {(method, re.sub(r"{\w+}", "{}", path)) for method, path, _ in operations(document)}
    promised = {tuple(line.split()) for line in CONTRACT.read_text().splitlines() if line and not line.startswith("#")}
    assert len(promised) == 69
    assert {(method.lower(), re.sub(r":\w+", "{}", path).rstrip("/")) for method, path in promised} <= described


def test_every_operation_has_an_id_of_its_own_a_summary_and_a_known_chapter(document):
    chapters = [tag["name"] for tag in document["tags"]]
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for method, path, operation in operations(document):
        assert 3 <= len(operation["summary"]) <= 60, (method, path)
        assert set(operation["tags"]) <= set(chapters), (method, path)
    assert {tag for _, _, operation in operations(document) for tag in operation["tags"]} == set(chapters)


def test_every_operation_says_what_it_answers_when_all_is_well(document):
    for method, path, operation in operations(document):
        good = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
        assert good, (method, path)
        for status, answer in good.items():
            assert ("content" in answer) == (status != "204"), (method, path, status)


def test_every_operation_names_its_refusals(document):
    for method, path, operation in operations(document):
        expected = {"503"}
        if ("/api/invite/invite/{token}" in path or "{" in path) and path != "/rooms":
            expected.add("404")
        if (method, path) not in PUBLIC:
            expected |= {"401", "403"}
        if method != "get" or any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
            expected.add("400")
        if "requestBody" in operation:
            expected |= {"413", "415"}
            if "multipart/form-data" in operation["requestBody"]["content"]:
                expected.add("507")
        assert expected <= set(operation["responses"]), (method, path)
        assert not {"500", "default"} & set(operation["responses"]), (method, path)


def test_what_needs_a_token_says_so_and_what_does_not_does_not(document):
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    told = {(m, p) for m, p, operation in operations(document) if operation.get("security", [{}]) != [{"token": []}]}
    assert told == PUBLIC


def test_every_refusal_is_error_and_code_and_says_what_waits_behind_the_doors(document):
    for name, refusal in document["components"]["responses"].items():
        for example in refusal["content"]["application/json"]["examples"].values():
            assert {"error", "code"} <= example["value"].keys(), name
    told = document["components"]["responses"][
        "AccountBlocked.NotForBots.ScopeMissing.SecondFactorRequired.EmailUnconfirmed.NotAMember.ServerBlocked.MissingPermission"
    ]
    examples = told["content"]["application/json"]["examples"]
    assert examples["AccountBlocked"]["value"].keys() == {"error", "code", "blockedAt", "blockedBy", "blockReason"}
    assert examples["MissingPermission"]["value"]["details"].keys() == {"permission", "chain"}
    assert examples["ServerBlocked"]["value"]["server"].keys() >= {"id", "name", "isBlocked", "blockReason"}
    assert "Retry-After" in document["components"]["responses"]["TooManyRequests"]["headers"]


def test_every_body_has_an_example_and_every_example_is_valid(document):
    strict = shut(document)
    for method, path, operation in operations(strict):
        bodies = dict(answers(strict, operation))
        if "requestBody" in operation:
            bodies["request"] = operation["requestBody"]
        for name, body in bodies.items():
            for media_type, content in body.get("content", {}).items():
                if media_type == "application/octet-stream":
                    continue
                assert content.get("examples"), (method, path, name)
                validator = Draft202012Validator(content["schema"] | {"components": strict["components"]})
                for example in content["examples"].values():
                    wrong = [error.message for error in validator.iter_errors(example["value"])]
                    assert not wrong, (method, path, name)


def test_answers_list_what_is_always_there(document):
    """A field that may be absent is a decision: each is named here."""
    schemas = {name: schema for name, schema in document["components"]["schemas"].items() if name.endswith("Output")}
    optional = {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field in schema["properties"].keys() - set(schema.get("required", []))
    }
    assert optional == {
        "AttachmentOutput.width",
        "AttachmentOutput.height",
        "IceServerOutput.username",
        "IceServerOutput.credential",
        "ServerBlockedOutput.server",
    }


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_examples_of_refusals_speak_the_language_of_the_reader(api_as, language):
    document = api_as().get("/api/schema", HTTP_ACCEPT_LANGUAGE=language).json()
    example = document["components"]["responses"]["ServerNotFound"]["content"]["application/json"]["examples"]
    text = {"ru": "Сервер не найден", "en": "Server not found"}[language]
    assert example["ServerNotFound"]["value"] == {"error": text, "code": 404}
