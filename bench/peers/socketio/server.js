// A relay as a Node programmer writes it: rooms, signals to one peer with the sender's id set by the server, a broadcast.

import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer(async (request, response) => {
  if (request.method === "POST") {  // an event for all who subscribed
    let body = "";
    for await (const chunk of request) body += chunk;
    io.of("/socket").to("subscribers").emit("message-created", JSON.parse(body));
  }
  response.end("ok");
});
const io = new Server(http, { cors: { origin: "*" } });

io.of("/socket").on("connection", (socket) => {
  socket.on("join-room", (room) => {
    const seats = io.of("/socket").adapter.rooms.get(room) ?? new Set();
    const participants = [...seats, socket.id].map((socketId) => ({ socketId, micToggle: true }));
    socket.data.room = room;
    socket.join(room);
    socket.emit("created", { roomId: room, participants });
    socket.to(room).emit("user-connected", { socketId: socket.id });
    socket.on("disconnect", () => socket.to(room).emit("user-disconnected", socket.id));
  });
  socket.on("subscribe", () => {
    socket.join("subscribers");
    socket.emit("subscribed", {});
  });
  socket.on("signal", ({ to, ...body }) => {
    const seats = io.of("/socket").adapter.rooms.get(socket.data.room);
    if (seats?.has(to)) io.of("/socket").to(to).emit("signal", { ...body, from: socket.id, to: socket.id });
  });
});

http.listen(Number(process.env.PORT), "127.0.0.1");
