// The small parts of calls: when a line is poor, when somebody speaks, when a key is let go, when to look for a new way.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { IceServers } from "../../src/call/ice.js";
import { VoiceDetector } from "../../src/call/levels.js";
import { PushToTalk } from "../../src/call/push.js";
import { BOUNDS, grade, measure } from "../../src/call/quality.js";
import { Recovery } from "../../src/call/recovery.js";

const GOOD = { rtt: 40, loss: 0, jitter: 5 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** @param {import("node:test").TestContext} t */
function clock(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  return t.mock.timers;
}

test("the worst measure decides how good a line is, at its bounds and beyond", () => {
  assert.equal(grade(GOOD), "good");
  assert.equal(grade({ rtt: null, loss: null, jitter: null }), "good");
  for (const [name, [fair, poor]] of Object.entries(BOUNDS)) {
    assert.equal(grade({ ...GOOD, [name]: fair }), "good", name);
    assert.equal(grade({ ...GOOD, [name]: fair * 1.01 }), "fair", name);
    assert.equal(grade({ ...GOOD, [name]: poor }), "fair", name);
    assert.equal(grade({ ...GOOD, [name]: poor * 1.01 }), "poor", name);
  }
});

const reports = ({ at, packets, lost, bytes, local = "host", remote = "srflx" }) => [
  { id: "in", timestamp: at, type: "inbound-rtp", kind: "audio", packetsReceived: packets, packetsLost: lost, bytesReceived: bytes, jitter: 0.012, codecId: "c" },
  { id: "out", timestamp: at, type: "outbound-rtp", kind: "audio", bytesSent: bytes * 2 },
  { id: "c", type: "codec", mimeType: "audio/opus" },
  { id: "t", type: "transport", selectedCandidatePairId: "p" },
  { id: "p", type: "candidate-pair", localCandidateId: "l", remoteCandidateId: "r", currentRoundTripTime: 0.051 },
  { id: "l", type: "local-candidate", candidateType: local, protocol: "udp", ...(local === "relay" && { relayProtocol: "tls" }) },
  { id: "r", type: "remote-candidate", candidateType: remote },
];

test("loss and rates are of the time between two looks", () => {
  const first = measure(reports({ at: 0, packets: 100, lost: 50, bytes: 1000 }), null);
  assert.deepEqual([first.quality.loss, first.quality.grade, first.quality.received], [null, "good", 0]);
  const { quality } = measure(reports({ at: 2000, packets: 190, lost: 60, bytes: 9000 }), first.counted);
  assert.deepEqual(quality, { grade: "fair", rtt: 51, loss: 0.1, jitter: 12, way: "direct", protocol: "udp", codec: "opus", received: 32_000, sent: 64_000 });
});

test("a relay at either end is told, and by what one reaches one's own", () => {
  const way = (ends) => measure(reports({ at: 0, packets: 1, lost: 0, bytes: 1, ...ends }), null).quality;
  assert.deepEqual([way({ local: "relay" }).way, way({ local: "relay" }).protocol], ["relay", "tls"]);
  assert.deepEqual([way({ remote: "relay" }).way, way({ remote: "relay" }).protocol], ["relay", "udp"]);
  assert.deepEqual([measure([], null).quality.way, measure([], null).quality.rtt], [null, null]);
});

test("a voice is told from noise that does not stop", () => {
  const hears = (loudness) => {
    const detector = new VoiceDetector();
    const heard = [];
    for (let now = 0; now < 12_000; now += 50) heard.push(detector.hears(loudness(now), now));
    return heard.slice(-80); // the last four seconds
  };
  const words = (now) => now % 1000 < 600;
  assert.ok(!hears(() => 0.004).includes(true), "a silent room");
  assert.ok(!hears(() => 0.05).includes(true), "a fan");
  assert.ok(hears((now) => (words(now) ? 0.05 : 0.003)).includes(true), "a voice");
  assert.ok(hears((now) => (words(now) ? 0.12 : 0.03)).includes(true), "a voice above a fan");
});

test("who lets the key go is heard a moment longer, and not at all who pressed another", (t) => {
  const time = clock(t);
  const told = [];
  const push = new PushToTalk((held) => told.push(held), 200);
  const target = new EventTarget();
  const stop = push.listen("Space", /** @type {any} */ (target));
  const key = (type, code, more = {}) => target.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), { code, ...more }));
  key("keydown", "KeyA");
  key("keydown", "Space", { ctrlKey: true });
  assert.deepEqual(told, []);
  key("keydown", "Space");
  key("keyup", "Space");
  time.tick(199);
  assert.deepEqual(told, [true]);
  key("keydown", "Space"); // again, before it ended
  time.tick(1000);
  assert.deepEqual(told, [true]);
  target.dispatchEvent(new Event("blur"));
  time.tick(200);
  assert.deepEqual(told, [true, false]);
  key("keydown", "Space");
  stop();
  assert.deepEqual(told, [true, false, true, false]);
  key("keydown", "Space");
  assert.deepEqual(told.length, 4);
});

function recovering(t, { patient }) {
  const time = clock(t);
  const state = { up: false, tries: 0 };
  const recovery = new Recovery({ patient: () => patient, isUp: () => state.up, recover: async () => void state.tries++ });
  const after = async (milliseconds) => {
    time.tick(milliseconds);
    await settled();
    return state.tries;
  };
  return { recovery, state, after };
}

test("a way that failed is looked for at once, and again ever more rarely", async (t) => {
  const { recovery, state, after } = recovering(t, { patient: false });
  recovery.watch("failed");
  assert.equal(await after(0), 1);
  assert.equal(await after(5_999), 1);
  assert.equal(await after(1), 2);
  assert.equal(await after(11_999), 2);
  assert.equal(await after(1), 3);
  state.up = true;
  recovery.watch("connected");
  assert.equal(await after(100_000), 3);
});

test("the polite end lets the other try first, and what ends by itself is left alone", async (t) => {
  const { recovery, state, after } = recovering(t, { patient: true });
  recovery.watch("failed");
  assert.equal(await after(2_499), 0);
  state.up = true;
  recovery.watch("connected");
  assert.equal(await after(10_000), 0);
  recovery.watch("disconnected");
  assert.equal(await after(4_000), 0);
  state.up = false;
  assert.equal(await after(2_500), 1);
  recovery.close();
});

test("credentials are asked for anew before they expire, and not by everybody at once", async (t) => {
  const time = clock(t);
  let asked = 0;
  const renewed = [];
  const servers = new IceServers(async () => ({ iceServers: [{ urls: `turn:${++asked}` }], ttl: 100 }), (fresh) => renewed.push(fresh[0].urls));
  const now = async () => (await servers.get())[0].urls;
  assert.deepEqual([await now(), await now()], ["turn:1", "turn:1"]);
  await servers.anew();
  assert.equal(await now(), "turn:1"); // asked a moment ago
  time.tick(79_999);
  await settled();
  assert.deepEqual(renewed, []);
  time.tick(1);
  await settled();
  assert.deepEqual([renewed, await now()], [["turn:2"], "turn:2"]);
  time.tick(6_000);
  await servers.anew();
  assert.equal(await now(), "turn:3");
  servers.close();
});

test("servers that are not told are asked for again, and those of before serve meanwhile", async (t) => {
  const time = clock(t);
  const answers = [{ iceServers: [{ urls: "turn:1" }], ttl: 10 }, null, { iceServers: [{ urls: "turn:2" }], ttl: 10 }];
  const source = mock.fn(async () => answers.shift() ?? Promise.reject(new Error("away")));
  const servers = new IceServers(source, () => {});
  const now = async () => (await servers.get())[0].urls;
  assert.equal(await now(), "turn:1");
  time.tick(8_000);
  await settled();
  assert.equal(await now(), "turn:1");
  time.tick(5_000);
  await settled();
  assert.equal(await now(), "turn:2");
  servers.close();
});
