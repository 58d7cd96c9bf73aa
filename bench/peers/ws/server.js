// A relay as a Node programmer writes it: `/ws?room=…&id=…`, and messages to one peer of the room, the sender's id set by the server.

import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const http = createServer((request, response) => response.end("ok"));
const sockets = new WebSocketServer({ server: http, path: "/ws", perMessageDeflate: false, maxPayload: 256 * 1024 });
const rooms = new Map();

sockets.on("connection", (socket, request) => {
  const { room, id } = Object.fromEntries(new URL(request.url, "http://localhost").searchParams);
  const peers = rooms.get(room) ?? new Map();
  if (!room || !id || peers.has(id)) return socket.close(1008);
  const tell = (type) => peers.forEach((peer, to) => peer.send(JSON.stringify({ type, from: id, to })));
  tell("joined");
  rooms.set(room, peers.set(id, socket));

  socket.on("message", (data) => {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    const { type, to, payload } = message ?? {};
    peers.get(to)?.send(JSON.stringify({ type, from: id, to, payload }));
  });
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    peers.delete(id);
    if (!peers.size) rooms.delete(room);
    tell("left");
  });
});

http.listen(Number(process.env.PORT), "127.0.0.1");
