// The SDK, driven from outside: one JSON line in is one deed, and is answered by one JSON line; events come between.
//
//   {"id": 1, "do": "get", "args": ["/api/info"]}      {"id": 1, "answer": …} or {"id": 1, "error": {status, message, …}}
//   {"id": 2, "do": "live", "args": [{"since": 41}]}    {"heard": "message-created", "event": …}, {"heard": "state", "event": "online"}

import { createInterface } from "node:readline";
import { Client, Live } from "projectvoice";
import { WebSocket } from "ws";

const client = new Client({ baseUrl: process.argv[2], language: "en" });
client.onSignedOut = () => tell({ heard: "signed-out", event: null });
let live;

const deeds = {
  use: (token) => void (client.token = token),
  upload: (text, type, options) => client.upload(new Blob([text], { type }), options),
  live(options) {
    live = new Live(client, { WebSocket: globalThis.WebSocket ?? WebSocket, ...options });
    live.onState = (state) => tell({ heard: "state", event: state });
    live.on("*", (kind, event) => tell({ heard: kind, event }));
    live.socket.on("connect", () => tell({ heard: "connect", event: live.socket.id }));
    live.connect();
  },
  emit: (...event) => live.socket.emit(...event),
  typing: (channelId) => live.typing(channelId),
  presence: (status) => live.presence(status),
  close: () => live.close(),
};

function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function answer({ id, do: deed, args }) {
  try {
    tell({ id, answer: (await (deeds[deed] ?? client[deed].bind(client))(...args)) ?? null });
  } catch (error) {
    tell({ id, error: { ...error, message: error.message } });
  }
}

for await (const line of createInterface({ input: process.stdin })) answer(JSON.parse(line));
live?.close();
