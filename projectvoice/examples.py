"""Examples of what the instance says of itself, for the OpenAPI document."""

from projectvoice import __version__
from projectvoice.api import STYLES, HealthOutput, InfoOutput, ReadyOutput
from projectvoice.kernel.catalog import CHAPTERS, SHAPES

SHAPES |= {
    HealthOutput: {"service": "webrtc-signaling-server", "status": "ok", "server_time": "2024-01-01T00:00:00Z"},
    ReadyOutput: {"status": "ready"},
    InfoOutput: {
        "status": "success",
        "app": "ProjectVoice",
        "version": __version__,
        "styles": STYLES,
        "timestamp": "2024-01-01T00:00:00.000Z",
    },
}
CHAPTERS["projectvoice.api"] = "instance"
