"""An example of the voice doctor's answer for the OpenAPI document."""

from projectvoice.kernel.catalog import CHAPTERS, SHAPES
from selfhost.serializers import CheckOutput, DoctorOutput

CHECK = {
    "name": "turn-udp",
    "status": "error",
    "finding": "Межсетевой экран не пропускает UDP на порт 3478: иначе ретранслятор отвечает",
    "setting": "TURN_PORT",
    "detail": "turn:voice.example.com:3478?transport=udp (203.0.113.7): TimeoutError",
}

SHAPES |= {CheckOutput: CHECK, DoctorOutput: {"checks": [CHECK], "healthy": False}}
CHAPTERS["selfhost.api.doctor"] = "voice"
