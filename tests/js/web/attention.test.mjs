import assert from "node:assert/strict";
import { test } from "node:test";
import { attention } from "../../../web/static/web/state/attention.js";

const MINUTE = 60_000;

function somebody(status = "online") {
  const one = { status, time: 0, told: [], target: new EventTarget() };
  const tell = (next) => one.told.push((one.status = next));
  one.look = attention(one.target, { status: () => one.status, tell, now: () => one.time });
  one.touch = () => one.target.dispatchEvent(new Event("keydown"));
  one.after = (minutes) => {
    one.time += minutes * MINUTE;
    one.look();
  };
  return one;
}

test("ten quiet minutes make one idle, and a touch brings one back", () => {
  const one = somebody();
  one.after(9);
  assert.deepEqual(one.told, []);
  one.after(1);
  one.after(30);
  assert.deepEqual(one.told, ["idle"]);
  one.touch();
  one.touch();
  assert.deepEqual(one.told, ["idle", "online"]);
});

test("each touch begins the time anew", () => {
  const one = somebody();
  for (let turn = 0; turn < 4; turn += 1) {
    one.after(8);
    one.touch();
  }
  assert.deepEqual(one.told, []);
});

test("what one chose stays, before and after", () => {
  for (const chosen of ["idle", "dnd", "invisible"]) {
    const one = somebody(chosen);
    one.after(60);
    one.touch();
    assert.deepEqual(one.told, []);
  }
  const one = somebody();
  one.after(11);
  one.status = "dnd";
  one.touch();
  assert.deepEqual(one.told, ["idle"]);
});
