"""What every operation of the OpenAPI document has in common."""

from typing import Any

ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {"type": "string", "description": "A sentence for people, Russian or English by Accept-Language"},
        "code": {"type": "integer", "description": "The HTTP status"},
    },
    "required": ["error", "code"],
}


def describe_errors(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Each operation may answer `{"error", "code"}`; say so once, as its default response."""
    result["components"]["schemas"]["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"].setdefault("default", {"description": "Any error", "content": content})
    return result
