import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Socket } from "../src/index.js";
import { still, Wire } from "./wire.js";

let socket;
let told;

beforeEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  still(mock);
  told = [];
  socket = new Socket({ url: "https://voice.example/sub/", auth: () => ({ token: "t" }), WebSocket: Wire });
  socket.on("*", (...event) => told.push(event));
});

test("a handshake gives the token and gets an id", () => {
  socket.connect();
  assert.equal(Wire.last.url, "wss://voice.example/sub/socket.io/?EIO=4&transport=websocket");
  assert.ok(socket.connecting && !socket.connected);
  Wire.last.accept("abc");
  assert.deepEqual(Wire.last.sent, ['40/socket,{"token":"t"}']);
  assert.ok(socket.connected && !socket.connecting);
  assert.equal(socket.id, "abc");
  assert.deepEqual(told, [["connecting"], ["connect"]]);
});

test("the root namespace is not named", () => {
  const root = new Socket({ url: "http://localhost:5000", path: "/socket", namespace: "/", WebSocket: Wire });
  root.connect();
  assert.equal(Wire.last.url, "ws://localhost:5000/socket/?EIO=4&transport=websocket");
  Wire.last.open().say('40{"sid":"abc"}');
  assert.equal(root.id, "abc");
  assert.equal(Wire.last.sent[0], "40{}");
  assert.ok(root.emit("leave-room"));
  assert.equal(Wire.last.sent.at(-1), '42["leave-room"]');
});

test("events go both ways with all their values, acknowledgement numbers or not", () => {
  assert.equal(socket.emit("early"), false);
  socket.connect();
  Wire.last.accept();
  assert.equal(socket.emit("join-room", 6, "t"), true);
  assert.deepEqual(Wire.last.heard, [["join-room", 6, "t"]]);
  const heard = [];
  const off = socket.on("signal", (...values) => heard.push(values));
  Wire.last.event("signal", { a: "line\nbreak" }, 2);
  Wire.last.say('42/socket,17["signal",null]');
  Wire.last.say('42/other,["signal","not ours"]');
  off();
  Wire.last.event("signal", "unheard");
  assert.deepEqual(heard, [[{ a: "line\nbreak" }, 2], [null]]);
});

test("a listener that throws hurts nobody else", () => {
  const complained = mock.method(console, "error", () => {});
  const heard = [];
  socket.on("created", () => {
    throw new Error("mine");
  });
  socket.on("created", (value) => heard.push(value));
  socket.connect();
  Wire.last.accept().event("created", 1);
  assert.deepEqual(heard, [1]);
  assert.equal(complained.mock.callCount(), 1);
});

test("a line that breaks comes back, with a new id", () => {
  socket.connect();
  Wire.last.accept("one");
  Wire.last.break();
  assert.equal(socket.id, null);
  assert.deepEqual(told.at(-1), ["disconnect"]);
  mock.timers.tick(249);
  assert.equal(Wire.all.length, 1);
  mock.timers.tick(1);
  Wire.last.accept("two");
  assert.equal(socket.id, "two");
});

test("waits double up to a bound, with chance in them, until a line has held", () => {
  const waits = [];
  socket.connect();
  for (let attempt = 0; attempt < 8; attempt++) {
    const before = Date.now();
    const count = Wire.all.length;
    Wire.last.break();
    while (Wire.all.length === count) mock.timers.tick(1);
    waits.push(Date.now() - before);
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
  Wire.last.accept().break(); // accepted and thrown out at once: no sign that it holds
  mock.timers.tick(7499);
  const count = Wire.all.length;
  mock.timers.tick(1);
  assert.equal(Wire.all.length, count + 1);
  Wire.last.accept().say("2");
  Wire.last.break();
  mock.timers.tick(250);
  assert.equal(Wire.all.length, count + 2);
  Math.random.mock.mockImplementation(() => 0.999);
  Wire.last.accept().say("2");
  Wire.last.break();
  mock.timers.tick(499);
  assert.equal(Wire.all.length, count + 2);
  mock.timers.tick(1);
  assert.equal(Wire.all.length, count + 3);
});

test("pings are answered, and a line without them is dead", () => {
  socket.connect();
  Wire.last.accept();
  for (let beat = 0; beat < 10; beat++) {
    mock.timers.tick(10_000);
    Wire.last.say("2");
  }
  assert.equal(Wire.last.sent.filter((text) => text === "3").length, 10);
  mock.timers.tick(19_999);
  assert.ok(socket.connected);
  mock.timers.tick(1);
  assert.ok(!socket.connected);
  assert.equal(Wire.all[0].readyState, 3);
});

test("a handshake that hangs is given up", () => {
  socket.connect();
  Wire.last.open();
  mock.timers.tick(10_000);
  assert.deepEqual(told.at(-1), ["connect_error", null]);
  mock.timers.tick(250);
  assert.equal(Wire.all.length, 2);
});

test("after a sleep the clock tells, not the timers", () => {
  socket.connect();
  Wire.last.accept();
  mock.timers.setTime(3_600_000); // an hour in which no timer ran
  mock.timers.tick(5_000);
  assert.ok(!socket.connected);
});

test("a refusal is told, and it is tried again unless somebody closes", () => {
  socket.connect();
  Wire.last.refuse("Busy");
  assert.deepEqual(told.at(-1), ["connect_error", { message: "Busy" }]);
  mock.timers.tick(250);
  assert.equal(Wire.all.length, 2);
  socket.on("connect_error", () => socket.close());
  Wire.last.refuse("No");
  mock.timers.tick(60_000);
  assert.equal(Wire.all.length, 2);
});

test("put out of the namespace it comes back", () => {
  socket.connect();
  Wire.last.accept().say("41/socket,");
  assert.ok(!socket.connected);
  mock.timers.tick(250);
  assert.equal(Wire.all.length, 2);
});

test("close says so, once and for all", () => {
  socket.connect();
  socket.connect();
  assert.equal(Wire.all.length, 1);
  Wire.last.accept();
  socket.close();
  assert.equal(Wire.last.sent.at(-1), "41/socket,");
  mock.timers.tick(60_000);
  assert.equal(Wire.all.length, 1);
  socket.connect();
  assert.equal(Wire.all.length, 2);
});

test("a browser that is online again, or looked at, does not wait", (t) => {
  const [window, document] = [new EventTarget(), Object.assign(new EventTarget(), { visibilityState: "visible" })];
  globalThis.addEventListener = window.addEventListener.bind(window);
  globalThis.removeEventListener = window.removeEventListener.bind(window);
  globalThis.document = document;
  t.after(() => {
    delete globalThis.addEventListener;
    delete globalThis.removeEventListener;
    delete globalThis.document;
  });
  socket.connect();
  Wire.last.break();
  window.dispatchEvent(new Event("online"));
  assert.equal(Wire.all.length, 2);
  Wire.last.break();
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(Wire.all.length, 2);
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(Wire.all.length, 3);

  Wire.last.accept(); // it may be dead by now: one ping is waited for, not two
  window.dispatchEvent(new Event("online"));
  mock.timers.tick(11_999);
  assert.ok(socket.connected);
  Wire.last.say("2");
  mock.timers.tick(12_000); // it was not: patience as ever
  assert.ok(socket.connected);
  window.dispatchEvent(new Event("pageshow"));
  assert.ok(!socket.connected);
  socket.close();
  window.dispatchEvent(new Event("online"));
  assert.equal(Wire.all.length, 3);
});

test("without a WebSocket it says what it needs", (t) => {
  const global = globalThis.WebSocket;
  globalThis.WebSocket = undefined;
  t.after(() => (globalThis.WebSocket = global));
  assert.throws(() => new Socket({ url: "http://localhost" }), /pass one as an option/);
});
