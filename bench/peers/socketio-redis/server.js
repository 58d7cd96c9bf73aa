// The relay of ../socketio in several processes, over @socket.io/redis-adapter. Who sits where in other processes is told
// once, at the join, so that a signal asks nobody.

import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const { PORT, REDIS_URL } = process.env;
const path = REDIS_URL.startsWith("unix://") && decodeURIComponent(REDIS_URL.slice("unix://".length));
const publisher = createClient(path ? { socket: { path, tls: false } } : { url: REDIS_URL });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer((request, response) => response.end("ok"));
const io = new Server(http, { cors: { origin: "*" }, adapter: createAdapter(publisher, subscriber) });
const calls = io.of("/socket");
const rooms = new Map();

const sit = (room, id) => rooms.set(room, (rooms.get(room) ?? new Set()).add(id));
const leave = (room, id) => {
  const seats = rooms.get(room);
  seats?.delete(id);
  if (!seats?.size) rooms.delete(room);
};
calls.on("sit", sit);
calls.on("leave", leave);

calls.on("connection", (socket) => {
  socket.on("join-room", (room) => {
    sit(room, socket.id);
    calls.serverSideEmit("sit", room, socket.id);
    socket.data.room = room;
    socket.join(room);
    const participants = [...rooms.get(room)].map((socketId) => ({ socketId, micToggle: true }));
    socket.emit("created", { roomId: room, participants });
    socket.to(room).emit("user-connected", { socketId: socket.id });
    socket.on("disconnect", () => {
      leave(room, socket.id);
      calls.serverSideEmit("leave", room, socket.id);
      calls.to(room).emit("user-disconnected", socket.id);
    });
  });
  socket.on("signal", ({ to, ...body }) => {
    if (rooms.get(socket.data.room)?.has(to)) calls.to(to).emit("signal", { ...body, from: socket.id, to: socket.id });
  });
});

http.listen(Number(PORT), "127.0.0.1");
