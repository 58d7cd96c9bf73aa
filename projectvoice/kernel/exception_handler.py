"""The one place where an exception becomes `{"error", "code"}`."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import get_language
from psycopg.errors import ForeignKeyViolation, ReadOnlySqlTransaction
from rest_framework import status
from rest_framework.exceptions import APIException, MethodNotAllowed, NotAuthenticated, UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler as drf_handler
from rest_framework.views import set_rollback

from projectvoice.kernel.errors import (
    DomainError,
    Forbidden,
    InvalidInput,
    InvalidSession,
    NoRoom,
    NotFound,
    Text,
    Unavailable,
    is_no_room,
)

logger = logging.getLogger(__name__)

TOO_LARGE = Text("The body is too large", "Тело запроса слишком велико")
NOT_ALLOWED = Text("This method is not allowed here", "Метод не поддерживается")
NOT_JSON = Text("The body must be application/json", "Тело запроса должно быть application/json")
NOT_A_FORM = Text("The body must be multipart/form-data", "Тело запроса должно быть multipart/form-data")
BROKEN = Text("Internal server error", "Внутренняя ошибка сервера")
OUR_TEXTS: dict[type[Exception], Text] = {MethodNotAllowed: NOT_ALLOWED, UnsupportedMediaType: NOT_JSON}


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's hook. None means a bug: Django logs it and answers by `server_error` below."""
    if isinstance(exc, Http404):
        exc = NotFound()
    elif isinstance(exc, NotAuthenticated):
        exc = InvalidSession()
    elif is_outage(exc):
        logger.error("The database does not do its work: %s", exc)
        exc = Unavailable()
    elif is_no_room(exc):
        logger.error("A disk is full: %s", exc)
        exc = NoRoom()
    elif isinstance(exc, IntegrityError) and isinstance(exc.__cause__, ForeignKeyViolation):
        exc = NotFound()  # what the new row refers to was deleted after the doors had been passed
    elif isinstance(exc, ValidationError):  # from full_clean() in a service
        exc = APIExceptionOf(as_serializer_error(exc))
    if isinstance(exc, DomainError):
        set_rollback()
        answer = Response(body_of(exc), status=exc.status, headers=headers_of(exc))
        answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would log each 503: who knows why has done so
        return answer
    if isinstance(exc, RequestDataTooBig):
        return Response(body(413, TOO_LARGE.to(get_language())), status=413)
    if isinstance(exc, SuspiciousOperation):
        return Response(body(400, InvalidInput.message.to(get_language())), status=400)
    response = drf_handler(exc, dict(context))  # keeps Allow and the like
    if response is None:
        return None
    text = OUR_TEXTS.get(type(exc))
    if text is NOT_JSON and MultiPartParser in context["view"].parser_classes:
        text = NOT_A_FORM
    response.data = body(response.status_code, text.to(get_language()) if text else first_message(response.data))
    return response


def is_outage(exc: BaseException | None) -> bool:
    """Whether the database is away, full, or may only be read, as is a standby, or one whose provider found its disk full."""
    return isinstance(exc, OperationalError | InterfaceError) or (
        isinstance(exc, DatabaseError) and isinstance(exc.__cause__, ReadOnlySqlTransaction)
    )


class APIExceptionOf(APIException):
    status_code = status.HTTP_400_BAD_REQUEST


def body(code: int, error: str, **extra: object) -> dict[str, object]:
    return {"error": error, "code": code, **extra}


def body_of(error: DomainError) -> dict[str, object]:
    return body(error.status, error.text.to(get_language()), **error.extra)


def headers_of(error: DomainError) -> dict[str, str]:
    if error.status == InvalidSession.status:
        return {"WWW-Authenticate": "Bearer"}
    if error.status in {Unavailable.status, NoRoom.status}:
        return {"Retry-After": "5"}
    if error.status == status.HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE:
        return {"Content-Range": f"bytes */{error.extra['size']}"}
    retry_after = getattr(error, "retry_after", None)
    return {} if retry_after is None else {"Retry-After": str(retry_after)}


def first_message(detail: Any, field: str = "") -> str:
    """The first complaint of DRF's tree of complaints, with the name of its field in front."""
    if isinstance(detail, Mapping):
        key, inner = next(iter(detail.items()), ("", ""))
        named = field if key in {"detail", "non_field_errors", "__all__"} else ".".join(filter(None, (field, str(key))))
        return first_message(inner, named)
    if isinstance(detail, list):
        return first_message(next((item for item in detail if item), ""), field)
    return f"{field}: {detail}" if field else str(detail)


# What lies outside DRF: unknown paths, bad hosts and bugs.


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return JsonResponse(body_of(NotFound()), status=404)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return JsonResponse(body_of(InvalidInput()), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> JsonResponse:
    return JsonResponse(body_of(Forbidden()), status=403)


def server_error(request: HttpRequest) -> JsonResponse:
    """Called by Django while it handles the exception."""
    if is_outage(sys.exc_info()[1]):
        error = Unavailable()
        return JsonResponse(body_of(error), status=error.status, headers=headers_of(error))
    return JsonResponse(body(500, BROKEN.to(get_language())), status=500)
