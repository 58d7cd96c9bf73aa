// The servers that help a link find its way, asked again before their credentials expire.

import { api, session } from "./api.js";

const DEFAULT_TTL = 600;
const SHARE = 0.8; // of the lifetime: what is left must be enough to connect with
const PAUSE_MS = 5_000; // between two questions; many links may fail at once

let servers = [];
let answer = null;
let whose = null; // the session that asked
let asked = 0;
let lifetime = PAUSE_MS;

// `anew`: those at hand did not help, and may have been refused.
export function iceServers({ anew = false } = {}) {
  if (whose !== session.token || Date.now() - asked > (anew ? PAUSE_MS : lifetime)) {
    whose = session.token;
    asked = Date.now();
    answer = ask();
  }
  return answer;
}

async function ask() {
  try {
    const { iceServers, ttl } = await api.iceServers();
    servers = iceServers;
    lifetime = (ttl ?? DEFAULT_TTL) * SHARE * 1000;
  } catch {
    lifetime = PAUSE_MS; // people on the same network still reach each other
  }
  return servers;
}
