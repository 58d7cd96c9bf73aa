// The parsers of Engine.IO and Socket.IO from npm, as oracles: a list of texts in, one verdict for each out.
//
//   stdin:  {"engine": [text, …], "socket": [text, …], "payloads": [[[type, text or {"bytes": hex}], …], …]}
//   stdout: {"engine": [[type, data] or null, …], "socket": [{type, nsp, id, data} or null, …], "payloads": [text, …]}
//
// Attachments of a Socket.IO packet are one byte each, its number.

import { text } from "node:stream/consumers";
import { decodePacket, encodePayload } from "engine.io-parser";
import { Decoder } from "socket.io-parser";

function shown(data) {
  if (Buffer.isBuffer(data)) return { bytes: data.toString("hex") };
  if (Array.isArray(data)) return data.map(shown);
  if (data === null || typeof data !== "object") return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, shown(value)]));
}

function engine(encoded) {
  const { type, data } = decodePacket(encoded, "nodebuffer");
  return type === "error" ? null : [type, shown(data ?? "")];
}

function socket(encoded) {
  const decoder = new Decoder();
  let decoded = null;
  decoder.on("decoded", (packet) => (decoded = packet));
  try {
    decoder.add(encoded);
    for (let number = 0; decoded === null; number++) decoder.add(Buffer.from([number]));
  } catch {
    return null;
  }
  const { type, nsp, id, data } = decoded;
  return { type, nsp, id: id ?? null, data: shown(data ?? null) };
}

function payload(packets) {
  let written;
  const bytes = (data) => (typeof data === "string" ? data : Buffer.from(data.bytes, "hex"));
  encodePayload(packets.map(([type, data]) => ({ type, data: bytes(data) })), (encoded) => (written = encoded));
  return written;
}

const asked = JSON.parse(await text(process.stdin));
const verdicts = {
  engine: asked.engine.map(engine),
  socket: asked.socket.map(socket),
  payloads: asked.payloads.map(payload),
};
process.stdout.write(JSON.stringify(verdicts));
