"""uvicorn's HTTP, of which nothing is left once a connection has become a WebSocket."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class UpgradingHttp(HttpToolsProtocol):
    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # they know each other; uvicorn does so when the connection is lost
