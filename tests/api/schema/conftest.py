"""The OpenAPI document as the instance serves it."""

from copy import deepcopy
from typing import Any

import pytest
from rest_framework.test import APIClient


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return APIClient(HTTP_ACCEPT_LANGUAGE="en").get("/api/schema").json()


def shut(document: dict[str, Any]) -> dict[str, Any]:
    """The document with nothing allowed in answers but what it names. Callers get it open: we may add fields."""
    document = deepcopy(document)
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Output") and "properties" in schema:
            schema["additionalProperties"] = False
    return document
