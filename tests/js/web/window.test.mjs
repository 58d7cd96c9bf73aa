import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, MOST, PAGE, arrived, around, changed, gone, newer, newest, older, reacted, renewed } from "../../../web/static/web/state/window.js";

const message = (id, more = {}) => ({ id, content: `${id}`, reactions: [], ...more });
const run = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
const ids = ({ messages }) => messages.map(({ id }) => id);
const LAST = 1_000_000;

// A channel of a million messages, as GET /api/messages?before=&after= answers it.
const before = (id) => run(Math.max(1, id - PAGE), id - 1);
const after = (id) => run(id + 1, Math.min(LAST, id + PAGE));

test("a channel shorter than a page is held whole", () => {
  const window = newest(run(1, 3));
  assert.deepEqual([window.atStart, window.atEnd], [true, true]);
});

test("scrolling up and down a million messages never holds more than a few, without gaps", () => {
  let window = newest(run(LAST - PAGE + 1, LAST));
  for (let step = 0; step < 40; step++) window = older(window, before(window.messages[0].id));
  assert.equal(window.messages.length, MOST);
  assert.deepEqual([window.atStart, window.atEnd], [false, false]);
  assert.equal(window.messages[0].id, LAST - 41 * PAGE + 1);
  while (!window.atEnd) window = newer(window, after(window.messages.at(-1).id));
  assert.deepEqual(ids(window), ids({ messages: run(LAST - MOST + 1, LAST) }));
});

test("the first page from above ends the search upwards", () => {
  const window = older(newest(run(31, 80)), run(1, 30));
  assert.deepEqual([window.atStart, window.messages.length], [true, 80]);
});

test("around a message there are its neighbours, both sides open", () => {
  const window = around(run(476, 500), run(501, 525));
  assert.deepEqual([window.atStart, window.atEnd, window.messages.length], [false, false, 50]);
});

test("what arrives is shown at the end, counted elsewhere, and told twice is there once", () => {
  const end = arrived(newest(run(1, 3)), message(4));
  assert.deepEqual(ids(arrived(end, message(4))), [1, 2, 3, 4]);
  assert.deepEqual(ids(arrived(arrived(newest(run(1, 3)), message(5)), message(4))), [1, 2, 3, 4, 5]);
  const middle = arrived(around(run(476, 500), run(501, 525)), message(LAST));
  assert.deepEqual([middle.messages.length, middle.missed], [50, 1]);
  assert.equal(arrived(EMPTY, message(1)), EMPTY);
});

test("an edit keeps which reactions are one's own, since an event is the same for everybody", () => {
  const window = newest([message(1, { reactions: [{ emoji: "👍", count: 1, me: true }] })]);
  const { messages } = changed(window, message(1, { content: "new", reactions: [{ emoji: "👍", count: 2, me: false }] }));
  assert.deepEqual(messages[0], message(1, { content: "new", reactions: [{ emoji: "👍", count: 2, me: true }] }));
});

test("reactions are counted as the server counts them, and go with the last", () => {
  let window = reacted(newest([message(1)]), 1, "👍", 2, true, true);
  assert.deepEqual(window.messages[0].reactions, [{ emoji: "👍", count: 2, me: true }]);
  window = reacted(window, 1, "👍", 1, false, false);
  assert.deepEqual(window.messages[0].reactions, [{ emoji: "👍", count: 1, me: true }]);
  assert.deepEqual(reacted(window, 1, "👍", 0, true, false).messages[0].reactions, []);
});

test("the newest page asked for again replaces its stretch, and keeps what lies above it", () => {
  const window = older(newest(run(51, 100)), run(2, 50));
  const page = [...run(52, 100).filter(({ id }) => id !== 60), message(101), message(102, { content: "new" })];
  const fresh = renewed(window, page);
  assert.deepEqual(ids(fresh), ids({ messages: [...run(2, 51), ...page] }));
  assert.ok(fresh.atStart);
  const far = renewed(window, run(1001, 1050));
  assert.deepEqual([far.atEnd, far.messages.length], [false, 99]);
  assert.deepEqual(ids(renewed(newest(run(1, 3)), run(1, 2))), [1, 2]);
});

test("what was deleted is gone; what is not held changes nothing", () => {
  const window = newest(run(1, 3));
  assert.deepEqual(ids(gone(window, [2])), [1, 3]);
  assert.equal(gone(window, [9]), window);
  assert.equal(changed(window, message(9)), window);
});
