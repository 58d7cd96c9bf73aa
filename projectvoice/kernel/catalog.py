"""What the rooms tell the OpenAPI document beside their serializers. Each fills it in its own `examples.py`."""

from typing import Any

from rest_framework.serializers import Serializer

from projectvoice.kernel.errors import DomainError, InvalidSession, TooManyRequests
from projectvoice.kernel.serializers import CamelSerializer, IntegerField, TextField

# An example of each shape on the wire; it stands wherever the shape does.
SHAPES: dict[type[Serializer[Any]], Any] = {}

# By operation id: the answer where the shape alone says too little, as `{message}` does.
ANSWERS: dict[str, Any] = {}

# Which errors wait behind the id of this name, be it in the path, the query or the body; also behind a whole chapter.
# "admin server_id" goes before "server_id" in the chapter `admin`.
DOORS: dict[str, tuple[type[DomainError], ...]] = {}

# The chapter of an API module that is not called like it.
CHAPTERS: dict[str, str] = {}


class ErrorOutput(CamelSerializer):
    """Every refusal. `error` is a sentence for people, Russian or English by Accept-Language; `code` is the HTTP status."""

    error = TextField()
    code = IntegerField(min_value=400, max_value=599)


class TooManyRequestsOutput(ErrorOutput):
    """`retryAfter` is in seconds, as the header is."""

    retry_after = IntegerField(min_value=1)


# The shape of errors that say more than the sentence; SHAPES has an example of what they add.
REFUSALS: dict[type[DomainError], type[ErrorOutput]] = {TooManyRequests: TooManyRequestsOutput}
SHAPES[TooManyRequestsOutput] = {"retryAfter": 42}

SIGNED_IN = "signed in"
SETTLED = "settled"  # what those need not pass that are open on entering
DOORS[SIGNED_IN] = (InvalidSession,)
