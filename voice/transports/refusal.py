"""WebSocket paths that nobody serves are closed before they open (403), not left hanging."""

from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope


async def refuse_websocket(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    await receive()
    close: Any = {"type": "websocket.close", "code": 1008}
    await send(close)
