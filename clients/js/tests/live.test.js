import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Client, Live } from "../src/index.js";
import { still, Wire } from "./wire.js";

let client;
let live;
let states;

beforeEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  still(mock);
  client = new Client({ baseUrl: "http://localhost:5000", token: "t" });
  begin();
});

function begin(options) {
  live = new Live(client, { WebSocket: Wire, ...options });
  states = [];
  live.onState = (state) => states.push(state);
  live.connect();
  Wire.last.accept();
}

function reconnect() {
  Wire.last.break();
  mock.timers.tick(15_000);
  Wire.last.accept();
}

const said = () => Wire.last.heard.at(-1);

test("it subscribes from now on, and is online when the server says so", () => {
  assert.deepEqual(Wire.last.heard, [["subscribe", {}]]);
  assert.equal(live.state, "connecting");
  let told;
  live.on("subscribed", (event) => (told = event));
  Wire.last.event("subscribed", { seq: 40, replaying: false });
  assert.equal(live.seq, 40);
  assert.deepEqual(states, ["connecting", "online"]);
  assert.deepEqual(told, { seq: 40, replaying: false });
});

test("with a `since` it asks for what was missed", () => {
  begin({ since: 0, servers: [3] });
  assert.deepEqual(said(), ["subscribe", { since: 0, servers: [3] }]);
});

test("events are told in order, each once", () => {
  const heard = [];
  live.on("message-created", ({ seq }) => heard.push(seq));
  live.on("*", (kind, { seq }) => heard.push(`${kind} ${seq}`));
  Wire.last.event("subscribed", { seq: 40 });
  for (const seq of [41, 41, 43, 42, 50]) Wire.last.event("message-created", { seq });
  assert.deepEqual(heard, ["subscribed 40", 41, "message-created 41", 43, "message-created 43", 50, "message-created 50"]);
  assert.equal(live.seq, 50);
});

test("after an interruption it goes on where it was", () => {
  const heard = [];
  live.on("*", (kind, { seq }) => heard.push([kind, seq]));
  Wire.last.event("subscribed", { seq: 40 });
  Wire.last.event("message-created", { seq: 41 });
  reconnect();
  assert.deepEqual(said(), ["subscribe", { since: 41 }]);
  Wire.last.event("subscribed", { seq: 45, replaying: true });
  assert.equal(live.seq, 41); // a break now must not lose what is on its way
  Wire.last.event("message-created", { seq: 43 });
  Wire.last.event("resumed", { seq: 45 });
  assert.equal(live.seq, 45);
  Wire.last.event("message-created", { seq: 46 });
  assert.deepEqual(heard.slice(2), [["subscribed", 45], ["message-created", 43], ["resumed", 45], ["message-created", 46]]);
  assert.deepEqual(states, ["connecting", "online", "offline", "connecting", "online"]);
});

test("resync goes on from the server's number, even a lower one", () => {
  begin({ since: 9000 });
  let told;
  live.on("resync", (event) => (told = event));
  Wire.last.event("subscribed", { seq: 12, replaying: false });
  assert.equal(live.seq, 9000);
  Wire.last.event("resync", { seq: 12, reason: "another log" });
  assert.deepEqual(told, { seq: 12, reason: "another log" });
  const heard = [];
  live.on("message-created", ({ seq }) => heard.push(seq));
  Wire.last.event("message-created", { seq: 13 });
  assert.deepEqual(heard, [13]);
  reconnect();
  assert.deepEqual(said(), ["subscribe", { since: 13 }]);
});

test("a handler that throws does not hold the number back", () => {
  mock.method(console, "error", () => {});
  live.on("message-created", () => {
    throw new Error("mine");
  });
  Wire.last.event("subscribed", { seq: 1 });
  Wire.last.event("message-created", { seq: 2 });
  assert.equal(live.seq, 2);
});

test("a subscription that is not answered is asked for again, and one that is, is not", () => {
  mock.timers.tick(10_000);
  assert.deepEqual(Wire.last.heard, [["subscribe", {}], ["subscribe", {}]]);
  Wire.last.event("subscribed", { seq: 1 });
  Wire.last.say("2");
  mock.timers.tick(15_000);
  assert.equal(Wire.last.heard.length, 2);
});

test("typing is said at most every three seconds and channel", () => {
  live.typing(6);
  assert.equal(Wire.last.heard.length, 1); // not subscribed yet
  Wire.last.event("subscribed", { seq: 1 });
  live.typing(6);
  live.typing(6);
  live.typing(7);
  mock.timers.tick(3_000);
  live.typing(6);
  assert.deepEqual(Wire.last.heard.slice(1), [6, 7, 6].map((channelId) => ["typing", { channelId }]));
});

test("presence is said again after an interruption", () => {
  live.presence("dnd");
  Wire.last.event("subscribed", { seq: 1 });
  assert.deepEqual(said(), ["presence", { status: "dnd" }]);
  live.presence("idle");
  reconnect();
  Wire.last.event("subscribed", { seq: 1 });
  assert.deepEqual(said(), ["presence", { status: "idle" }]);
});

test("state without a number is told as it comes", () => {
  const heard = [];
  live.on("typing", ({ userId }) => heard.push(userId));
  Wire.last.event("typing", { userId: 8, channelId: 6 });
  Wire.last.event("typing", { userId: 8, channelId: 6 });
  assert.deepEqual(heard, [8, 8]);
});

test("calls share the connection and join again by its `connect`", () => {
  const ids = [];
  live.socket.on("connect", () => ids.push(live.socket.id));
  Wire.last.break();
  mock.timers.tick(250);
  Wire.last.accept("again");
  assert.deepEqual(ids, ["again"]);
  live.socket.emit("join-room", 6);
  assert.deepEqual(said(), ["join-room", 6]);
});

test("refused because the session has ended: signed out, and quiet", async () => {
  mock.method(globalThis, "fetch", async () => Response.json({ error: "Sign in", code: 401 }, { status: 401 }));
  const ended = new Promise((resolve) => (client.onSignedOut = () => resolve()));
  Wire.last.break();
  mock.timers.tick(250);
  Wire.last.refuse("Sign in");
  await ended;
  await new Promise(setImmediate);
  assert.equal(client.token, null);
  assert.equal(live.state, "offline");
  const count = Wire.all.length;
  mock.timers.tick(60_000);
  assert.equal(Wire.all.length, count);
  assert.throws(() => live.connect(), /Sign in first/);
});

test("refused for another reason: it goes on trying", async () => {
  const asked = mock.method(globalThis, "fetch", async () => Response.json({ id: 1 }));
  Wire.last.break();
  mock.timers.tick(250);
  Wire.last.refuse("Busy");
  assert.equal(asked.mock.callCount(), 1);
  await new Promise(setImmediate);
  const count = Wire.all.length;
  mock.timers.tick(500);
  assert.equal(Wire.all.length, count + 1);
  assert.deepEqual(states, ["connecting", "offline", "connecting", "offline", "connecting"]);
});

test("signed out and disconnected, it does not come back as a guest", () => {
  Wire.last.event("subscribed", { seq: 1 });
  client.token = null;
  reconnect();
  assert.deepEqual(Wire.last.heard, []);
  assert.ok(!live.socket.connected);
  assert.equal(live.state, "offline");
});

test("refused with the token of before, it lets the new one try", async () => {
  let answer;
  mock.method(globalThis, "fetch", () => new Promise((resolve) => (answer = resolve)));
  Wire.last.break();
  mock.timers.tick(250);
  Wire.last.refuse("Sign in");
  client.token = "newer";
  answer(Response.json({ error: "Sign in", code: 401 }, { status: 401 }));
  await new Promise(setImmediate);
  mock.timers.tick(500);
  Wire.last.accept();
  assert.ok(Wire.last.sent.includes('40/socket,{"token":"newer"}'));
  assert.deepEqual(said(), ["subscribe", {}]);
});

test("closed it is offline", () => {
  Wire.last.event("subscribed", { seq: 1 });
  live.close();
  assert.equal(live.state, "offline");
  assert.equal(live.seq, 1);
});
