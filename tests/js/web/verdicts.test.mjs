// What is made of what a browser saw on its way to others.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as voice from "../../../web/static/web/texts/voice.js";
import { verdicts } from "../../../web/static/web/voice/verdicts.js";

const HOST = { type: "host", protocol: "udp" };
const SEEN = { type: "srflx", protocol: "udp" };
const relay = (protocol) => ({ type: "relay", protocol });
const WELL = { secure: true, microphone: null, online: true, servers: 2, candidates: [HOST, SEEN, relay("udp"), relay("tls")], people: [{ state: "connected", way: "direct" }] };

const keys = (observed) => verdicts({ ...WELL, ...observed }).map(({ status, key }) => `${status} ${key}`);

test("where all is well nothing is in the way, and the ways to the relay are named", () => {
  assert.deepEqual(keys({}), ["ok doctorMic", "ok doctorOnline", "ok doctorRelay", "ok doctorSeen"]);
  assert.equal(verdicts(WELL).find(({ key }) => key === "doctorRelay").values.ways, "TLS, UDP");
});

test("each thing in the way is told, the worst first", () => {
  const cases = [
    [{ secure: false }, "error doctorInsecure"],
    [{ microphone: "denied" }, "error doctorMic-denied"],
    [{ microphone: "missing" }, "warning doctorMic-missing"],
    [{ online: false }, "error doctorOffline"],
    [{ servers: null, candidates: [] }, "error doctorNoServers"],
    [{ candidates: [] }, "error doctorNoCandidates"],
    [{ candidates: [HOST] }, "error doctorHomeOnly"],
    [{ candidates: [HOST, SEEN] }, "warning doctorNoRelay"],
    [{ candidates: [HOST, relay("tcp")] }, "warning doctorNoUdp"],
    [{ people: [{ state: "failed", way: null }] }, "error doctorLost"],
  ];
  for (const [observed, worst] of cases) assert.equal(keys(observed)[0], worst);
  assert.ok(keys({ people: [{ state: "connected", way: "relay" }] }).includes("ok doctorRelayed"));
});

test("every finding has a text in both languages", () => {
  const said = [{}, { secure: false }, { online: false }, { servers: null }, { candidates: [] }, { candidates: [HOST] }, { candidates: [HOST, SEEN] }, { candidates: [relay("tcp")] }, { people: [{ state: "failed", way: "relay" }] }, ...["denied", "missing", "busy", "lost", "insecure"].map((microphone) => ({ microphone }))];
  for (const { key } of said.flatMap((observed) => verdicts({ ...WELL, ...observed }))) for (const language of ["en", "ru"]) assert.ok(voice[language][key], `${key} in ${language}`);
});
