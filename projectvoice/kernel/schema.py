"""The OpenAPI document: what an operation may answer follows from its form, and its examples from its shapes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.module_loading import autodiscover_modules
from django.utils.translation import get_language
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance, get_lib_doc_excludes
from drf_spectacular.utils import Direction, OpenApiParameter
from rest_framework.parsers import MultiPartParser
from rest_framework.serializers import ListSerializer

from projectvoice.kernel import exception_handler
from projectvoice.kernel.api import Api, GuestApi, PublicApi
from projectvoice.kernel.catalog import ANSWERS, CHAPTERS, DOORS, REFUSALS, SETTLED, SHAPES, SIGNED_IN, ErrorOutput
from projectvoice.kernel.errors import DomainError, InvalidInput, NoRoom, Unavailable
from projectvoice.kernel.pagination import MAX_LIMIT
from projectvoice.kernel.serializers import MAX_ID, CamelSerializer

ID = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}}
HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}}},
    416: {"Content-Range": {"schema": {"type": "string", "pattern": "^bytes \\*/[0-9]+$"}}},
    **dict.fromkeys((429, 503, 507), RETRY_AFTER),
}
Errors = Iterable[type[DomainError]]


class TooLarge(DomainError):
    """As BodyLimit says it: no exception there, it stands before Django."""

    status = 413
    message = exception_handler.TOO_LARGE


class WrongMediaType(DomainError):
    status = 415
    message = exception_handler.NOT_JSON


def id_in_query(name: str, description: str = "", *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, ID, description=description, required=required)


def paging(limit: int) -> list[OpenApiParameter]:
    """`page` and `limit` as `page_of` reads them."""
    size = f"At most {MAX_LIMIT}; more counts as {MAX_LIMIT}"
    return [
        OpenApiParameter("page", {"type": "integer", "minimum": 1, "default": 1}),
        OpenApiParameter("limit", {"type": "integer", "minimum": 1, "default": limit}, description=size),
    ]


def foreign_docs() -> list[type]:
    """Classes whose docstrings tell us something, not the callers of the API."""
    return [*get_lib_doc_excludes(), Api, GuestApi, PublicApi, CamelSerializer]


class Schema(AutoSchema):
    """Every operation names the refusals it can meet: of its doors, by the ids it is given, and of its body."""

    def get_tags(self) -> list[str]:
        module = type(self.view).__module__
        return [CHAPTERS.get(module, module.rpartition(".")[2])]

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        by_status: dict[int, list[type[DomainError]]] = {}
        for error in dict.fromkeys([*self._errors_by_form(), *self._errors_told()]):
            by_status.setdefault(error.status, []).append(error)
        refusals = {str(status): self._refusal(errors) for status, errors in by_status.items()}
        return dict(sorted((answers | refusals).items()))

    def _get_response_for_code(self, serializer: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        if _errors_in(serializer):
            return {}  # told by the decorator; _get_response_bodies joins it with the others of its status
        answer: dict[str, Any] = super()._get_response_for_code(serializer, *arguments, **options)
        answer["description"] = answer["description"] or "Done"
        return answer

    def _get_examples(
        self, serializer: Any, direction: str, media_type: str, status_code: str | None = None, extras: Any = None
    ) -> dict[str, Any]:
        many = isinstance(serializer, ListSerializer)
        example = SHAPES.get(type(serializer.child if many else force_instance(serializer)))
        if direction == "response":
            example = ANSWERS.get(self.get_operation_id(), example)
        if example is None:
            return super()._get_examples(serializer, direction, media_type, status_code, extras)
        return {"example": {"value": [example] if many else example}}

    def _errors_by_form(self) -> list[type[DomainError]]:
        chapter = self.get_tags()[0]
        names = [SIGNED_IN] if self.view.get_authenticators() else []
        if names and not getattr(self.view, "entering", False):
            names.append(SETTLED)
        names += [chapter, *self._names()]
        errors: list[type[DomainError]] = []
        if self.method != "GET" or self.get_override_parameters():
            errors.append(InvalidInput)
        for name in names:
            errors += DOORS.get(f"{chapter} {name}", DOORS.get(name, ()))
        if self._has_body():
            errors += [TooLarge, WrongMediaType]
            if MultiPartParser in self.view.parser_classes:
                errors.append(NoRoom)
        return [*errors, Unavailable]

    def _has_body(self) -> bool:
        return self._get_request_body() is not None

    def _errors_told(self) -> Errors:
        """Those that the decorator names: `responses={200: …, 400: (WrongPassword, WrongCode), 429: TooManyRequests}`."""
        told = self.get_response_serializers()
        values: Iterable[Any] = told.values() if isinstance(told, Mapping) else ()
        return [error for value in values for error in _errors_in(value)]

    def _names(self) -> list[str]:
        """Of all that the operation is given, in snake case."""
        request = self.get_request_serializer() if self._has_body() else None
        shape = force_instance(next(iter(request.values())) if isinstance(request, Mapping) else request)
        parameters = (each.name for each in self.get_override_parameters() if isinstance(each, OpenApiParameter))
        named = [*re.findall(r"{(\w+)}", self.path), *parameters]
        return [re.sub(r"[A-Z]", lambda big: f"_{big[0].lower()}", name) for name in [*named, *getattr(shape, "fields", ())]]

    def _refusal(self, errors: Errors) -> dict[str, Any]:
        """One answer for all errors of a status; `share_refusals` moves it to where others can refer to it."""
        shapes = dict.fromkeys(REFUSALS.get(error, ErrorOutput) for error in errors)
        refs = [self.resolve_serializer(shape, "response").ref for shape in shapes]
        examples = {error.__name__: {"value": example_of(error)} for error in errors}
        content = {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}, "examples": examples}
        status = next(iter(errors)).status
        answer: dict[str, Any] = {
            "description": ", ".join(error.message.en for error in errors),
            "content": {"application/json": content},
            "x-shared": ".".join(error.__name__ for error in errors),
        }
        return answer | ({"headers": HEADERS[status]} if status in HEADERS else {})


def _errors_in(value: Any) -> list[type[DomainError]]:
    """What a decorator says for one status: an error, several, or something else."""
    values = value if isinstance(value, tuple) else (value,)
    return [error for error in values if isinstance(error, type) and issubclass(error, DomainError)]


def example_of(error: type[DomainError]) -> dict[str, Any]:
    extra = SHAPES[REFUSALS[error]] if error in REFUSALS else {}
    return exception_handler.body(error.status, error.message.to(get_language()), **extra)


def ask_rooms(endpoints: Any) -> Any:
    """Before the operations are read: the rooms tell how one authenticates, and fill the catalog."""
    autodiscover_modules("schema", "examples")
    return endpoints


def share_refusals(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """The same refusal is written once, and referred to."""
    shared = result["components"].setdefault("responses", {})
    for operation in (operation for path in result["paths"].values() for operation in path.values()):
        for status, answer in operation["responses"].items():
            name = answer.pop("x-shared", None)
            if name is not None:
                shared[name] = answer
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return result
