// Negotiation between two ends, against the rules of a browser; a line between them that carries signals when it is told to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { install, track } from "./browser.js";

install();
const { Link } = await import("../../src/call/link.js");

function media({ voice = track("audio") } = {}) {
  const screen = new MediaStream();
  return {
    voice: { track: voice, stream: new MediaStream() },
    camera: { track: null, stream: new MediaStream() },
    screen: { track: null, stream: screen },
    screenSound: { track: null, stream: screen },
  };
}

/** Two ends; `pass` carries what was said so far, `settle` all there is to say. `plain`: the second adds nothing to its signals. */
function pair({ plain = false, ...options } = {}) {
  const said = [];
  const make = (polite, more) => {
    const own = { polite, media: media(more) };
    own.link = new Link({
      polite,
      configuration: { iceServers: [] },
      media: own.media,
      additions: () => ({}),
      freshServers: async () => [{ urls: "stun:fresh.example" }],
      send: (to, signal) => said.push({ by: own, signal: JSON.parse(JSON.stringify(signal)) }),
    });
    return own;
  };
  const first = make(false, options);
  const second = make(true, options);
  const offers = [];
  const idle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async () => {
    await idle();
    for (const { by, signal } of said.splice(0)) {
      if (signal.type === "offer") offers.push(by === first ? "first" : "second");
      const { call, ...bare } = signal;
      await (by === first ? second : first).link.receive(plain && by === second ? bare : signal);
    }
    await idle();
  };
  const settle = async () => {
    for (await idle(); said.length > 0; ) await pass();
  };
  return { first, second, offers, pass, settle, said };
}

const directions = ({ link }) => link.connection.getTransceivers().map(({ currentDirection }) => currentDirection);
const kinds = ({ link }) => Object.keys(link.incoming).sort();

async function connected(options) {
  const two = pair(options);
  two.first.link.start();
  await two.settle();
  assert.equal(two.first.link.state, "connected");
  return two;
}

test("whoever was there offers once, and both are heard", async () => {
  const { first, second, offers } = await connected();
  assert.deepEqual(offers, ["first"]);
  assert.deepEqual([kinds(first), kinds(second)], [["voice"], ["voice"]]);
  assert.equal(first.link.other.link, second.link.id);
  assert.equal(first.link.other.to, first.link.id);
  assert.equal(second.link.other.link, first.link.id);
});

test("offers that cross leave one connection with one voice each way", async () => {
  const two = pair();
  two.first.link.start();
  two.second.link.start();
  await two.settle();
  for (const end of [two.first, two.second]) {
    assert.equal(end.link.state, "connected");
    assert.deepEqual(directions(end), ["sendrecv"]);
  }
});

test("pictures added by both at once are both seen, each for what it is", async () => {
  const two = await connected();
  two.first.media.screen.track = track("video");
  two.first.media.screenSound.track = track("audio");
  two.second.media.camera.track = track("video");
  two.second.media.screen.track = track("video");
  two.first.link.publish();
  two.second.link.publish();
  await two.settle();
  assert.deepEqual(kinds(two.first), ["camera", "screen", "voice"]);
  assert.deepEqual(kinds(two.second), ["screen", "voice"]);
  assert.deepEqual(new Set(two.offers), new Set(["first", "second"]));
  assert.equal(two.first.link.connection.signalingState, "stable");
});

test("a picture comes, goes and comes again in the same place", async () => {
  const { first, second, settle } = await connected();
  for (const shown of [true, false, true, false]) {
    first.media.camera.track = shown ? track("video") : null;
    first.link.publish();
    await settle();
    assert.deepEqual(kinds(second), shown ? ["camera", "voice"] : ["voice"]);
  }
  assert.equal(first.link.connection.getTransceivers().length, 2);
});

test("what was shown before somebody came is shown to him", async () => {
  const two = pair();
  two.first.media.screen.track = track("video");
  two.second.media.camera.track = track("video");
  two.first.link.start();
  await two.settle();
  assert.deepEqual([kinds(two.first), kinds(two.second)], [["camera", "voice"], ["screen", "voice"]]);
});

test("a client that knows sound only is sent nothing else, and heard", async () => {
  const { first, second, settle } = await connected({ plain: true });
  first.media.screen.track = track("video");
  first.link.publish();
  await settle();
  assert.deepEqual(directions(first), ["sendrecv"]);
  assert.deepEqual([kinds(first), first.link.other, kinds(second)], [["voice"], null, ["voice"]]);
});

test("another microphone needs no offer; the first one does", async () => {
  const { first, second, offers, settle } = await connected({ voice: null });
  assert.deepEqual([kinds(first), kinds(second)], [[], []]);
  first.media.voice.track = track("audio");
  first.link.publish();
  await settle();
  assert.deepEqual(kinds(second), ["voice"]);
  const before = offers.length;
  first.media.voice.track = track("audio");
  first.link.publish();
  await settle();
  assert.equal(offers.length, before);
  assert.ok(first.link.connection.getSenders().some((sender) => sender.track === first.media.voice.track));
});

test("whoever is paused is sent nothing, without an offer, until it ends", async () => {
  const { first, offers, settle } = await connected();
  first.media.camera.track = track("video");
  first.link.publish();
  await settle();
  const before = offers.length;
  const sent = () => first.link.connection.getSenders().map((sender) => sender.track);
  first.link.setPaused(true);
  await settle();
  assert.deepEqual(sent(), [null, null]);
  first.link.setPaused(false);
  await settle();
  assert.deepEqual(sent(), [first.media.voice.track, first.media.camera.track]);
  assert.equal(offers.length, before);
});

test("a restart looks for a way anew, by fresh servers, and keeps what is heard", async () => {
  const { first, second, settle } = await connected();
  const servers = [{ urls: "turn:relay.example", username: "1", credential: "2" }];
  second.link.restart(servers);
  first.link.restart(servers); // both at once
  await settle();
  assert.deepEqual(first.link.connection.configuration.iceServers, servers);
  assert.ok(first.link.connection.restarts + second.link.connection.restarts > 0);
  assert.deepEqual([kinds(first), kinds(second)], [["voice"], ["voice"]]);
  assert.equal(first.link.connection.signalingState, "stable");
});

test("an offer that was lost is made again", async () => {
  const two = await connected();
  two.first.media.camera.track = track("video");
  two.first.link.publish();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(two.said.splice(0).length, 1); // the line broke
  two.first.link.offerAgain();
  await two.settle();
  assert.deepEqual(kinds(two.second), ["camera", "voice"]);
});

test("nonsense from the other end is survived", async () => {
  const { first, second, settle } = await connected();
  const warn = console.warn;
  console.warn = () => {};
  for (const signal of [
    { type: "answer", sdp: "not due" },
    { type: "offer", sdp: "{" },
    { type: "candidate", candidate: null },
    { type: "additions", call: { link: 5 } },
    { type: "additions", call: { link: second.link.id } },
    { type: "whatever" },
  ])
    await first.link.receive(signal);
  console.warn = warn;
  first.media.camera.track = track("video");
  first.link.publish();
  await settle();
  assert.deepEqual(kinds(second), ["camera", "voice"]);
});
