// Looks at this browser's way to others: which servers answer it, and by what.

import { api } from "../state/client.js";
import { connection } from "../state/connection.js";
import { snapshot } from "./state.js";

const GATHERING_MS = 6_000;

// As verdicts.js reads it.
export async function observe() {
  const answer = await api.get("/voice/ice-servers").catch(() => null);
  const own = snapshot.peek();
  return {
    secure: isSecureContext,
    microphone: own?.problem ?? (await microphoneProblem()),
    online: connection.peek() === "online",
    servers: answer && answer.iceServers.length,
    candidates: answer ? await gather(answer.iceServers) : [],
    people: (own?.people ?? []).filter(({ isMe }) => !isMe).map(({ state, quality }) => ({ state, way: quality?.way ?? null })),
  };
}

async function microphoneProblem() {
  if (!navigator.mediaDevices) return "insecure";
  const state = await navigator.permissions?.query({ name: "microphone" }).then(({ state: one }) => one, () => null);
  if (state === "denied") return "denied";
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.some(({ kind }) => kind === "audioinput") ? null : "missing";
}

async function gather(iceServers) {
  const connection = new RTCPeerConnection({ iceServers });
  const candidates = [];
  try {
    connection.createDataChannel("");
    const done = new Promise((resolve) => {
      connection.onicecandidate = ({ candidate }) => {
        if (!candidate) resolve();
        else if (candidate.candidate) candidates.push({ type: candidate.type, protocol: candidate.relayProtocol ?? candidate.protocol });
      };
    });
    await connection.setLocalDescription();
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, GATHERING_MS))]);
  } finally {
    connection.close();
  }
  return candidates;
}
