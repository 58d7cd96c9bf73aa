// The JavaScript client of Socket.IO, driven from outside: one JSON line in is one deed, one JSON line out one event.
//
//   {"client": "a", "do": "connect", "url": …, "options": {…}}      {"client": "a", "do": "emit", "args": [name, …]}
//   {"client": "a", "do": "disconnect"}
//
//   {"client": "a", "event": "signal", "data": …}; also "connect" (with the id, and that of the Engine.IO session), "upgrade",
//   "disconnect", "connect_error".

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const clients = new Map();

function tell(client, event, data) {
  process.stdout.write(`${JSON.stringify({ client, event, data: data ?? null })}\n`);
}

function connect(name, url, options) {
  const socket = io(url, { reconnection: false, forceNew: true, ...options });
  clients.set(name, socket);
  socket.io.on("open", () => {
    socket.io.engine.on("upgrade", (transport) => tell(name, "upgrade", transport.name));
  });
  socket.on("connect", () => tell(name, "connect", { id: socket.id, session: socket.io.engine.id }));
  socket.on("connect_error", (error) => tell(name, "connect_error", error.message));
  socket.on("disconnect", (reason) => tell(name, "disconnect", reason));
  socket.onAny((event, data) => tell(name, event, data));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { client, do: deed, url, options, args } = JSON.parse(line);
  if (deed === "connect") connect(client, url, options);
  else if (deed === "emit") clients.get(client).emit(...args);
  else clients.get(client).disconnect();
}
for (const socket of clients.values()) socket.disconnect();
