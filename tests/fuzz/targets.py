"""Everything that reads what strangers send. A target takes any bytes, and raises where a promise is broken."""

from collections.abc import Callable

from tests.fuzz import dialects, relay, wire

TARGETS: dict[str, Callable[[bytes], None]] = {
    "stun": relay.stun,
    "frames": relay.frames,
    "send-indications": relay.send_indications,
    "turn-server": relay.turn_server,
    "websocket-frames": wire.websocket_frames,
    "websocket-handshake": wire.websocket_handshake,
    "engineio-payload": wire.engineio_payload,
    "engineio-session": wire.engineio_session,
    "socketio-packet": wire.socketio_packet,
    "socketio-client": wire.socketio_client,
    "resp": wire.resp_replies,
    "dialects-socketio": dialects.socketio_events,
    "dialects-websocket": dialects.websocket_frames,
}
