// The servers that help a link find its way, asked again before their credentials expire.

import { api } from "./api.js";

const DEFAULT_TTL = 600;
const SHARE = 0.8; // of the lifetime: what is left must be enough to connect with

let servers = [];
let until = 0;

export async function iceServers() {
  if (Date.now() < until) return servers;
  try {
    const answer = await api.iceServers();
    servers = answer.iceServers;
    until = Date.now() + (answer.ttl ?? DEFAULT_TTL) * SHARE * 1000;
  } catch {
    until = 0; // people on the same network still reach each other
  }
  return servers;
}
