"""Why there is no timeline to be read."""

from projectvoice.kernel.errors import Forbidden, NotFound, Text


class SessionNotFound(NotFound):
    message = Text("Voice session not found", "Голосовой сеанс не найден")


class NotYourSession(Forbidden):
    message = Text("This voice session is somebody else's", "Это чужой голосовой сеанс")
